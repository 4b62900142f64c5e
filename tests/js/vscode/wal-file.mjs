/** Writes SQLite's write-ahead file, for tests of who reads it. */

const salts = [0x01020304, 0x05060708];

/**
 * The file for these commits, each a list of `{ number, content }` and the number of pages the database then
 * has. A commit without that number is left unfinished.
 */
export function walFile(commits, { pageSize = 4096, bigEndian = true } = {}) {
  const header = Buffer.alloc(32);
  [bigEndian ? 0x377f0683 : 0x377f0682, 3007000, pageSize, 0, ...salts].forEach((word, at) => header.writeUInt32BE(word, at * 4));
  let sum = checksum([0, 0], header.subarray(0, 24), bigEndian);
  writeSum(header, 24, sum);
  const parts = [header];
  for (const { pages, count = 0 } of commits) {
    pages.forEach(({ number, content }, at) => {
      const frame = Buffer.alloc(24);
      [number, at === pages.length - 1 ? count : 0, ...salts].forEach((word, place) => frame.writeUInt32BE(word, place * 4));
      sum = checksum(checksum(sum, frame.subarray(0, 8), bigEndian), content, bigEndian);
      writeSum(frame, 16, sum);
      parts.push(frame, content);
    });
  }
  return Buffer.concat(parts);
}

/** A database's bytes as one commit that writes every page. */
export function wholeCommit(image, pageSize = 4096) {
  const bytes = Buffer.from(image);
  const count = bytes.length / pageSize;
  const pages = Array.from({ length: count }, (_, at) => ({
    number: at + 1,
    content: bytes.subarray(at * pageSize, (at + 1) * pageSize),
  }));
  return { pages, count };
}

function checksum([first, second], bytes, bigEndian) {
  const word = (at) => (bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at));
  for (let at = 0; at < bytes.length; at += 8) {
    first = (first + word(at) + second) >>> 0;
    second = (second + word(at + 4) + first) >>> 0;
  }
  return [first, second];
}

function writeSum(buffer, at, [first, second]) {
  buffer.writeUInt32BE(first, at);
  buffer.writeUInt32BE(second, at + 4);
}
