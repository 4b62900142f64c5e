/**
 * `pluresdb/yjs`: a text or list of a node as a shared type of Yjs, so that editors which bind to Yjs (CodeMirror,
 * ProseMirror and others) edit it. Yjs is the application's own.
 */

import * as Y from "yjs";
import { PluresError } from "./errors.ts";
import type { Change, Database, Field } from "./types.ts";

/** How a field is bound. */
export interface BindOptions {
  /** The document to bind; a new one where it is not said. Its content is `doc.getText("value")` or `doc.getArray("value")`. */
  doc?: Y.Doc;
  /** Told why a change could not be written, or what others wrote could not be read. It is tried again with the next change. */
  onError?: (error: unknown) => void;
}

/** A field and a document that follow one another. */
export interface Bound<Shared> {
  readonly doc: Y.Doc;
  /** What an editor binds to. */
  readonly shared: Shared;
  /** Resolves once what was changed in the document is written and stored. */
  saved(): Promise<void>;
  /** Writes what is left, and ends the binding. The document stays as it is. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** No structures and no deletions. */
const EMPTY_UPDATE_BYTES = 2;

type Db = Pick<Database, "fieldUpdate" | "applyUpdate" | "onChange">;

/** Binds a text. The node must exist; the field need not. */
export async function bindText(db: Db, id: string, field: Field, options: BindOptions = {}): Promise<Bound<Y.Text>> {
  const binding = new Binding(db, id, field, "text", options);
  await binding.begin();
  return bound(binding, binding.doc.getText("value"));
}

/** Binds a list. The node must exist; the field need not. */
export async function bindList<T = unknown>(
  db: Db,
  id: string,
  field: Field,
  options: BindOptions = {},
): Promise<Bound<Y.Array<T>>> {
  const binding = new Binding(db, id, field, "list", options);
  await binding.begin();
  return bound(binding, binding.doc.getArray<T>("value"));
}

function bound<Shared>(binding: Binding, shared: Shared): Bound<Shared> {
  const close = (): Promise<void> => binding.close();
  return { doc: binding.doc, shared, saved: () => binding.saved(), close, [Symbol.asyncDispose]: close };
}

class Binding {
  readonly doc: Y.Doc;
  readonly #db: Db;
  readonly #id: string;
  readonly #field: Field;
  readonly #kind: "text" | "list";
  readonly #onError: (error: unknown) => void;
  readonly #updated = (update: Uint8Array, origin: unknown): void => {
    if (origin === this) return;
    this.#unwritten.push(update);
    this.#write();
  };
  #unlisten: () => void = () => undefined;
  #unwritten: Uint8Array[] = [];
  #writing: Promise<void> | null = null;
  #reading: Promise<void> | null = null;
  #readAgain = false;
  #begun = false;
  #closed = false;

  constructor(db: Db, id: string, field: Field, kind: "text" | "list", { doc, onError }: BindOptions) {
    this.doc = doc ?? new Y.Doc();
    this.#db = db;
    this.#id = id;
    this.#field = field;
    this.#kind = kind;
    this.#onError = onError ?? ((error) => { console.error(error); });
  }

  async begin(): Promise<void> {
    this.#unlisten = this.#db.onChange(({ nodes }: Change) => { if (nodes.includes(this.#id)) this.#read(); });
    try {
      const update = await this.#fetch();
      if (update === null) throw new PluresError("not-found", `there is no node with the id ${JSON.stringify(this.#id)}`);
      // All in one step: a change of the document is either in what it holds or heard of.
      const held = this.doc.store.clients.size > 0;
      Y.applyUpdate(this.doc, update, this);
      this.doc.on("update", this.#updated);
      if (held) this.#bring(Y.encodeStateAsUpdate(this.doc, Y.encodeStateVectorFromUpdate(update)));
    } catch (error) {
      this.#unlisten();
      throw error;
    }
    this.#begun = true;
    if (this.#readAgain) this.#read();
  }

  /** What the document held before, or was changed meanwhile, comes in as well. */
  #bring(own: Uint8Array): void {
    if (own.length > EMPTY_UPDATE_BYTES) this.#updated(own, null);
  }

  async saved(): Promise<void> {
    if (this.#unwritten.length > 0) this.#write();
    await this.#writing;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.doc.off("update", this.#updated);
    this.#unlisten();
    try {
      await this.saved();
      await this.#reading;
    } finally {
      this.#closed = true;
    }
  }

  /** Writes what was changed, several changes as one, one write at a time. */
  #write(): void {
    this.#writing ??= this.#writeAll();
    // Who waits has the promise; else it is told to `onError`.
    this.#writing.catch(() => undefined);
  }

  /** That it ends shows in the same step in which nothing is left: what comes after begins anew. */
  async #writeAll(): Promise<void> {
    // Changes of one turn go together.
    await Promise.resolve();
    try {
      while (this.#unwritten.length > 0) await this.#writeSome();
    } catch (error) {
      this.#writing = null;
      this.#onError(error);
      throw error;
    }
    this.#writing = null;
  }

  async #writeSome(): Promise<void> {
    const updates = this.#unwritten;
    this.#unwritten = [];
    try {
      await this.#takeIn(Y.mergeUpdates(updates));
    } catch (error) {
      // One update that is refused does not hold the others back.
      const refused = updates.length === 1 ? updates : await this.#refusedOf(updates);
      const more = this.#unwritten.length > 0;
      // Of a write that waits for storage the database takes care; taking it in twice changes nothing.
      this.#unwritten.unshift(...refused);
      // What came meanwhile is tried with it.
      if (refused.length > 0 && !more) throw error;
    }
  }

  /** Writes each for itself; gives those that are not taken. */
  async #refusedOf(updates: Uint8Array[]): Promise<Uint8Array[]> {
    const refused: Uint8Array[] = [];
    for (const update of updates) {
      await this.#takeIn(update).catch(() => refused.push(update));
    }
    return refused;
  }

  #takeIn(update: Uint8Array): Promise<void> {
    return this.#db.applyUpdate(this.#id, this.#field, this.#kind, update);
  }

  #read(): void {
    this.#readAgain = true;
    if (!this.#begun || this.#closed) return;
    this.#reading ??= this.#readAll();
  }

  async #readAll(): Promise<void> {
    try {
      while (this.#readAgain && !this.#closed) {
        this.#readAgain = false;
        try {
          await this.#take();
        } catch (error) {
          this.#onError(error);
        }
      }
    } finally {
      this.#reading = null;
    }
  }

  async #take(): Promise<void> {
    const update = await this.#fetch();
    // A node that was deleted may come back. What is known already changes nothing.
    if (update !== null && !this.#closed) Y.applyUpdate(this.doc, update, this);
  }

  #fetch(): Promise<Uint8Array | null> {
    return this.#db.fieldUpdate(this.#id, this.#field, this.#kind);
  }
}
