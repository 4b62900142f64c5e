/** The WebAssembly module with less memory than it could have, to meet the end of it soon. Runs in pages and in Node. */

const MEMORY_SECTION = 5;
const PAGE_BYTES = 65_536;

/** The bytes of a module whose one memory may have so many bytes at most. */
export function limited(module, mostBytes) {
  const bytes = new Uint8Array(module);
  let at = 8;
  for (;;) {
    const start = at;
    const id = bytes[at];
    const [length, content] = number(bytes, at + 1);
    at = content + length;
    if (id !== MEMORY_SECTION) continue;
    const [count, flags] = number(bytes, content);
    if (count !== 1 || bytes[flags] > 1) throw new Error("not one memory of 32 bits");
    const [least] = number(bytes, flags + 1);
    const section = [1, 1, ...digits(least), ...digits(Math.floor(mostBytes / PAGE_BYTES))];
    return new Uint8Array([...bytes.subarray(0, start), id, ...digits(section.length), ...section, ...bytes.subarray(at)]);
  }
}

/** A number as WebAssembly writes it, seven bits in each byte; and where it ends. */
function number(bytes, at) {
  for (let value = 0, shift = 0; ; shift += 7, at += 1) {
    value |= (bytes[at] & 0x7f) << shift;
    if (bytes[at] < 0x80) return [value, at + 1];
  }
}

function digits(value) {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...digits(value >>> 7)];
}
