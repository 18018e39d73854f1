/** A column with all that stands in a shorter one. */
export function grown<Column extends Float64Array | Uint8Array | Int32Array>(
  column: Column,
  larger: Column,
): Column {
  larger.set(column);
  return larger;
}
