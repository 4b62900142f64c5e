/** What makes a database pleasant, all of it by its other methods: the same where the engine is here and where it is not. */

import type { Data, Database, Progress } from "../types.ts";
import { type ExportOptions, type ImportOptions, type ImportSource, MEDIA, exportTo, importFrom } from "./formats.ts";
import { type NodeHandle, nodeHandle } from "./node.ts";
import { type SqlPart, type SqlQuery, Template } from "./template.ts";
import { type Fields, type Sound, type TypeHandle, type TypeOptions, defineTyped } from "./typed.ts";

export interface Handy {
  /**
   * A statement with values in it, which become parameters: `` await db.sql`SELECT * FROM Note WHERE id IN ${ids}` ``.
   * It may write, and runs when it is awaited.
   */
  sql<Row = Record<string, unknown>>(strings: TemplateStringsArray, ...parts: SqlPart[]): SqlQuery<Row>;
  /** A node and its fields, by their kinds: `db.node("trip").counter("votes").add(2)`. */
  node<T extends object = Data>(id: string): NodeHandle<T>;
  /** Defines a type, as `defineType` does, and gives its nodes with the types of TypeScript that follow. */
  type<const F extends Fields>(name: string, fields: F & Sound<F>, options?: TypeOptions): Promise<TypeHandle<F>>;
  /** Reads nodes and edges in one of several formats, in batches, beside all else that happens. */
  import(source: ImportSource, options?: ImportOptions): Promise<Progress>;
  /** Writes everything, or with `csv` the nodes of one type, piece by piece. */
  export(options?: ExportOptions): AsyncIterable<string | Uint8Array>;
  /** The same as one `Blob`, to be stored or downloaded. */
  exportBlob(options?: ExportOptions): Promise<Blob>;
  /** `await using db = await open(...)` closes it. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Gives a class of databases these methods. `openImage` opens the bytes of a file, in memory. */
export abstract class HandyDatabase implements Handy {
  protected abstract openImage(image: Uint8Array): Promise<Database>;

  sql<Row = Record<string, unknown>>(strings: TemplateStringsArray, ...parts: SqlPart[]): SqlQuery<Row> {
    return new Template<Row>(this.#self, strings, parts);
  }

  node<T extends object = Data>(id: string): NodeHandle<T> {
    return nodeHandle<T>(this.#self, id);
  }

  type<const F extends Fields>(name: string, fields: F & Sound<F>, options: TypeOptions = {}): Promise<TypeHandle<F>> {
    return defineTyped<F>(this.#self, name, fields, options);
  }

  import(source: ImportSource, options: ImportOptions = {}): Promise<Progress> {
    return importFrom(this.#self, source, options, (image) => this.openImage(image));
  }

  export(options: ExportOptions = {}): AsyncIterable<string | Uint8Array> {
    return exportTo(this.#self, options);
  }

  async exportBlob(options: ExportOptions = {}): Promise<Blob> {
    const pieces: BlobPart[] = [];
    for await (const piece of this.export(options)) pieces.push(piece as BlobPart);
    return new Blob(pieces, { type: MEDIA[options.format ?? "jsonl"] });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#self.close();
  }

  get #self(): Database {
    return this as unknown as Database;
  }
}
