/** The records of a value as the package keeps them in IndexedDB: one as it is, or a group of them. */
export function recordsOf(value) {
  if (value[0] !== 0) return [value];
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  const records = [];
  for (let at = 1; at < value.length; ) {
    const begin = at + 4;
    at = begin + view.getUint32(at, true);
    records.push(value.subarray(begin, at));
  }
  return records;
}
