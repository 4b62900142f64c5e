/**
 * What the first bytes of a file say. SQLite opens an empty file, or one of its own that holds something
 * else, without complaint; here such a file is refused, so that no database ever looks empty by mistake.
 */
import { Refusal } from "./failure.ts";

const MAGIC = "SQLite format 3\0";
const APPLICATION_ID_AT = 68;
/** "PLDB". */
const APPLICATION_ID = 0x504c4442;
const HEADER_LENGTH = 100;

/** Throws, with what the file is instead, where it is no PluresDB database. */
export function refuseForeign(name: string, file: Uint8Array): void {
  const why = whatElse(file);
  if (why !== null) throw new Refusal("not-a-database", `${name} is not a PluresDB database: ${why}.`);
}

function whatElse(file: Uint8Array): string | null {
  if (file.length === 0) return "the file is empty";
  if (file.length < HEADER_LENGTH || !startsWithMagic(file)) return "it is not even an SQLite database";
  const id = new DataView(file.buffer, file.byteOffset, HEADER_LENGTH).getUint32(APPLICATION_ID_AT);
  return id === APPLICATION_ID ? null : "it is an SQLite database of another program";
}

function startsWithMagic(file: Uint8Array): boolean {
  return Array.from(MAGIC).every((letter, at) => file[at] === letter.charCodeAt(0));
}
