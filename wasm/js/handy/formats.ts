/** Formats that databases are exported to and imported from, all by way of JSON Lines. */

import { PluresError } from "../errors.ts";
import { piecesOf } from "../text-source.ts";
import type { Database, LongWork, Progress } from "../types.ts";
import { csvLines, csvPieces } from "./csv.ts";
import { jsonLines } from "./json.ts";

/** `jsonl`: see `docs/format.md`. `json`: an array of the same objects. `csv`: the nodes of one type. `pluresdb`: a whole file. */
export type Format = "jsonl" | "json" | "csv" | "pluresdb";

/** What can be imported. */
export type ImportSource = string | Uint8Array | Blob | AsyncIterable<string | Uint8Array> | ReadableStream<string | Uint8Array>;

/** How to import. */
export interface ImportOptions extends LongWork {
  /** Taken from the name of a `File` where it is not said; else `jsonl`. */
  format?: Format;
  /** The type of the nodes, which `csv` needs. */
  type?: string;
}

/** How to export. */
export interface ExportOptions extends LongWork {
  format?: Format;
  /** The type of the nodes, which `csv` needs. */
  type?: string;
}

type Db = Pick<Database, "importJsonl" | "exportJsonl" | "image" | "list" | "query" | "types">;

/** Imports; `opened` opens the bytes of a file beside. */
export async function importFrom(
  db: Db,
  source: ImportSource,
  options: ImportOptions,
  opened: (image: Uint8Array) => Promise<Database>,
): Promise<Progress> {
  const { format = formatOf(source), type, ...work } = options;
  switch (format) {
    case "jsonl":
      return db.importJsonl(typeof source === "string" ? source : texts(source), work);
    case "json":
      return db.importJsonl(jsonLines(texts(source)), work);
    case "csv":
      return db.importJsonl(csvLines(texts(source), typed(type)), work);
    case "pluresdb": {
      const other = await opened(await whole(source));
      try {
        // What it holds now. Its history stays there: it is another database's.
        return await db.importJsonl(other.exportJsonl(), work);
      } finally {
        await other.close();
      }
    }
  }
}

/** Exports in pieces: texts, or the bytes of a file as one. */
export async function* exportTo(db: Db, options: ExportOptions): AsyncGenerator<string | Uint8Array, void, undefined> {
  const { format = "jsonl", type, ...work } = options;
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
      yield* csvPieces(db, typed(type), work);
      return;
    case "pluresdb":
      yield await db.image();
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

type Pieces = AsyncIterable<string | Uint8Array> | ReadableStream<string | Uint8Array>;

function pieces(source: ImportSource): AsyncIterable<string | Uint8Array> {
  if (typeof source === "string" || source instanceof Uint8Array) return one(source);
  if (source instanceof Blob) return piecesOf(source.stream() as ReadableStream<Uint8Array>);
  return piecesOf(source as Pieces);
}

async function* one<T>(piece: T): AsyncGenerator<T, void, undefined> {
  yield await Promise.resolve(piece);
}

/** Text as it comes; bytes are UTF-8. */
async function* texts(source: ImportSource): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const decoded = (piece?: Uint8Array): string => {
    try {
      return piece === undefined ? decoder.decode() : decoder.decode(piece, { stream: true });
    } catch (error) {
      throw new PluresError("import", "the bytes are no UTF-8", error);
    }
  };
  for await (const piece of pieces(source)) yield typeof piece === "string" ? piece : decoded(piece);
  yield decoded();
}

async function whole(source: ImportSource): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  const parts: (string | Uint8Array)[] = [];
  for await (const piece of pieces(source)) parts.push(piece);
  return new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
}
