/** Parts of a list, for peers that take many documents in batches. */
export function* batches(list, size) {
  for (let at = 0; at < list.length; at += size) yield list.slice(at, at + size);
}
