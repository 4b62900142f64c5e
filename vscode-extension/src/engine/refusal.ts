/** Sentences for files that cannot be shown, or not wholly, each with what the reader can do. */
import type { FileKind, Header } from "./header.ts";

/** An error with a code, as the engine's own have. */
export class Refusal extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "Refusal";
    this.code = code;
  }
}

const REASONS: Record<Exclude<FileKind, "pluresdb">, string> = {
  empty: "the file is empty",
  "not-sqlite": "it is not even an SQLite database",
  "other-sqlite": "it is an SQLite database of another program",
};

/** Throws where the file must not be opened. */
export function refuseForeign(name: string, header: Header, walBytes: number): void {
  if (header.kind === "pluresdb") return;
  // A new database may be in its write-ahead file as a whole.
  if (walBytes > 0 && (header.wal || header.kind === "empty")) {
    throw new Refusal("only-in-wal", `What ${name} holds is still in ${name}-wal, which this extension does not read. ${howToFlush(name)}`);
  }
  throw new Refusal("not-a-database", `${name} is not a PluresDB database: ${REASONS[header.kind]}.`);
}

/** A warning where the file may lack its newest writes, else null. */
export function walWarning(name: string, header: Header, walBytes: number): string | null {
  if (!header.wal || walBytes === 0) return null;
  return `The newest writes to ${name} may still be in ${name}-wal, which this extension does not read. ${howToFlush(name)}`;
}

function howToFlush(name: string): string {
  return (
    `Closing the last connection moves them into the file: end the program that has the database open or, ` +
    `where none has, run "pluresdb status ${name}", which opens and closes it.`
  );
}
