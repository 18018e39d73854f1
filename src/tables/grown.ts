/** A column with all that stands in a shorter one. */
export function grown<Column extends Float64Array | Int32Array | Uint16Array | Uint8Array>(
  column: Column,
  longer: Column,
): Column {
  longer.set(column);
  return longer;
}
