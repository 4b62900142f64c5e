/**
 * What the first bytes of a file say. SQLite opens an empty file, or one of its own that holds something
 * else, without complaint; here such a file is refused, so that no database ever looks empty by mistake.
 */

const MAGIC = "SQLite format 3\0";
/** Where SQLite says how the file is written: 1 with a rollback journal, 2 with a write-ahead file. */
const WRITE_VERSION_AT = 18;
const APPLICATION_ID_AT = 68;
/** "PLDB". */
const APPLICATION_ID = 0x504c4442;
const HEADER_LENGTH = 100;

export type FileKind = "pluresdb" | "other-sqlite" | "empty" | "not-sqlite";

export interface Header {
  kind: FileKind;
  /** Written through a write-ahead file beside it. */
  wal: boolean;
}

export function readHeader(file: Uint8Array): Header {
  if (file.length === 0) return { kind: "empty", wal: false };
  if (file.length < HEADER_LENGTH || !startsWithMagic(file)) return { kind: "not-sqlite", wal: false };
  const view = new DataView(file.buffer, file.byteOffset, HEADER_LENGTH);
  const ours = view.getUint32(APPLICATION_ID_AT) === APPLICATION_ID;
  return { kind: ours ? "pluresdb" : "other-sqlite", wal: view.getUint8(WRITE_VERSION_AT) === 2 };
}

function startsWithMagic(file: Uint8Array): boolean {
  return Array.from(MAGIC).every((letter, at) => file[at] === letter.charCodeAt(0));
}
