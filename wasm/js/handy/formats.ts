/** Formats that databases are exported to and imported from, all by way of JSON Lines. */

import { PluresError } from "../errors.ts";
import { guarded } from "../listeners.ts";
import { oneOf } from "../options.ts";
import { described } from "../text.ts";
import { piecesOf } from "../text-source.ts";
import type { Database, LongWork, Progress } from "../types.ts";
import { csvLines, csvPieces } from "./csv.ts";
import { jsonLines } from "./json.ts";

/** `jsonl`: see `docs/format.md`. `json`: an array of the same objects. `csv`: the nodes of one type. `pluresdb`: a whole file. */
export type Format = "jsonl" | "json" | "csv" | "pluresdb";

/** What can be imported. */
export type ImportSource = string | Uint8Array | ArrayBuffer | Blob | AsyncIterable<string | Uint8Array> | ReadableStream<string | Uint8Array>;

/** How to import. */
export interface ImportOptions extends LongWork {
  /** Taken from the name of a `File` where it is not said; else `jsonl`. */
  format?: Format;
  /** The type of the nodes, which `csv` needs. */
  type?: string;
  /** What stands between the cells of `csv` (default `,`). */
  separator?: string;
}

/** How to export. */
export interface ExportOptions extends LongWork {
  format?: Format;
  /** The type of the nodes, which `csv` needs. */
  type?: string;
  /** What stands between the cells of `csv` (default `,`). */
  separator?: string;
}

const FORMATS: readonly Format[] = ["jsonl", "json", "csv", "pluresdb"];

/** The media types of formats. */
export const MEDIA: Readonly<Record<Format, string>> = {
  jsonl: "application/x-ndjson",
  json: "application/json",
  csv: "text/csv",
  pluresdb: "application/vnd.sqlite3",
};

/** Characters or bytes of a source that are taken at a time. */
const SLICE = 64 * 1024;

type Db = Pick<Database, "importJsonl" | "exportJsonl" | "image" | "list" | "query" | "status" | "types">;

/** Imports; `opened` opens the bytes of a file beside. */
export async function importFrom(
  db: Db,
  source: ImportSource,
  options: ImportOptions,
  opened: (image: Uint8Array) => Promise<Database>,
): Promise<Progress> {
  const { format = formatOf(source), type, separator, ...work } = options;
  oneOf(format, "format", FORMATS);
  if (format === "jsonl" && typeof source === "string") return db.importJsonl(source, work);
  if (format === "pluresdb") return importFile(db, source, work, opened);
  const measured = new Measured(source, work);
  const pieces = texts(measured.pieces());
  switch (format) {
    case "jsonl":
      return measured.told(await db.importJsonl(pieces, measured.work));
    case "json":
      return measured.told(await db.importJsonl(jsonLines(pieces), measured.work));
    case "csv":
      return measured.told(await db.importJsonl(csvLines(pieces, db, typed(type), oneCharacter(separator)), measured.work));
  }
}

/** What a file holds now. Its history stays there: it is another database's. */
async function importFile(
  db: Db,
  source: ImportSource,
  work: LongWork,
  opened: (image: Uint8Array) => Promise<Database>,
): Promise<Progress> {
  work.signal?.throwIfAborted();
  const other = await opened(await whole(source));
  try {
    const { nodes, edges } = await other.status();
    const told = (progress: Progress): Progress => ({ ...progress, done: progress.nodes + progress.edges, total: nodes + edges });
    const { onProgress } = work;
    const counted = onProgress === undefined ? work : { ...work, onProgress: (progress: Progress) => { onProgress(told(progress)); } };
    return told(await db.importJsonl(other.exportJsonl(), counted));
  } finally {
    await other.close();
  }
}

/** How far a source is read, and of how much, in its own bytes or characters: what is made of it has others. */
class Measured {
  readonly work: LongWork;
  readonly #source: ImportSource;
  readonly #total: number | undefined;
  #done = 0;

  constructor(source: ImportSource, work: LongWork) {
    this.#source = source;
    this.#total = sizeOf(source);
    const { onProgress } = work;
    this.work = onProgress === undefined ? work : { ...work, onProgress: (progress) => { onProgress(this.told(progress)); } };
  }

  told({ nodes, edges }: Progress): Progress {
    return { done: this.#done, ...(this.#total !== undefined && { total: this.#total }), nodes, edges };
  }

  async *pieces(): AsyncGenerator<string | Uint8Array, void, undefined> {
    for await (const piece of pieces(this.#source)) {
      this.#done += piece.length;
      yield piece;
    }
  }
}

function sizeOf(source: ImportSource): number | undefined {
  if (typeof source === "string") return source.length;
  if (source instanceof Blob) return source.size;
  return source instanceof Uint8Array || source instanceof ArrayBuffer ? source.byteLength : undefined;
}

/** Exports in pieces: texts, or the bytes of a file as one. */
export async function* exportTo(db: Db, options: ExportOptions): AsyncGenerator<string | Uint8Array, void, undefined> {
  const { format = "jsonl", type, separator, ...work } = options;
  oneOf(format, "format", FORMATS);
  switch (format) {
    case "jsonl":
      yield* db.exportJsonl(work);
      return;
    case "json": {
      let between = "[\n";
      for await (const piece of db.exportJsonl(work)) {
        yield between + piece.trimEnd().replaceAll("\n", ",\n");
        between = ",\n";
      }
      yield between === "[\n" ? "[]\n" : "\n]\n";
      return;
    }
    case "csv":
      yield* csvPieces(db, typed(type), oneCharacter(separator) ?? ",", work);
      return;
    case "pluresdb": {
      work.signal?.throwIfAborted();
      const { nodes, edges } = await db.status();
      const image = await db.image();
      work.signal?.throwIfAborted();
      if (work.onProgress) guarded(work.onProgress, { done: nodes + edges, total: nodes + edges, nodes, edges });
      yield image;
    }
  }
}

function formatOf(source: ImportSource): Format {
  const name = typeof source === "object" && "name" in source && typeof source.name === "string" ? source.name : "";
  const ending = /\.(jsonl|json|csv|pluresdb)$/i.exec(name)?.[1]?.toLowerCase();
  return (ending as Format | undefined) ?? "jsonl";
}

function typed(type: string | undefined): string {
  if (type !== undefined) return type;
  throw new PluresError("bad-option", "type: CSV holds the nodes of one type, which has to be named");
}

/** What may stand between cells. */
function oneCharacter(separator: string | undefined): string | undefined {
  if (separator === undefined || (typeof separator === "string" && /^[^"\r\n\ufeff]$/.test(separator))) return separator;
  throw new PluresError("bad-option", `separator: expected one character, found ${JSON.stringify(separator)}`);
}

type Pieces = AsyncIterable<string | Uint8Array> | ReadableStream<string | Uint8Array>;

function pieces(source: ImportSource): AsyncIterable<string | Uint8Array> {
  if (typeof source === "string") return slices(source.length, (from, to) => source.slice(from, to));
  if (source instanceof ArrayBuffer) return pieces(new Uint8Array(source));
  if (source instanceof Uint8Array) return slices(source.length, (from, to) => source.subarray(from, to));
  if (source instanceof Blob) return piecesOf(source.stream() as ReadableStream<Uint8Array>);
  const given: unknown = source;
  if (typeof given === "object" && given !== null && (Symbol.asyncIterator in given || "getReader" in given)) {
    return piecesOf(source as Pieces);
  }
  throw new PluresError("bad-value", `source: expected a text, bytes, a Blob, a stream or an async iterable, found ${described(given)}`);
}

async function* slices<T>(length: number, slice: (from: number, to: number) => T): AsyncGenerator<T, void, undefined> {
  for (let from = 0; from < length; from += SLICE) yield await Promise.resolve(slice(from, from + SLICE));
}

/** Text as it comes; bytes are UTF-8. */
async function* texts(source: AsyncIterable<string | Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const decoded = (piece?: Uint8Array): string => {
    try {
      return piece === undefined ? decoder.decode() : decoder.decode(piece, { stream: true });
    } catch (error) {
      throw new PluresError("import", "the bytes are no UTF-8", error);
    }
  };
  for await (const piece of source) yield typeof piece === "string" ? piece : decoded(piece);
  yield decoded();
}

async function whole(source: ImportSource): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  const parts: (string | Uint8Array)[] = [];
  for await (const piece of pieces(source)) parts.push(piece);
  return new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
}
