/** A larger column with what the smaller one holds: `grown(column, new Int32Array(size))`. */
export function grown<Column extends Float64Array | Int32Array | Uint16Array | Uint8Array>(
  column: Column,
  larger: Column,
): Column {
  larger.set(column);
  return larger;
}
