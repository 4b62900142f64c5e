/**
 * `pluresdb/yjs`: a text or list of a node as a shared type of Yjs, so that editors which bind to Yjs (CodeMirror,
 * ProseMirror and others) edit it. Yjs is the application's own.
 *
 * What is formatted is no text of letters: it is a fragment of XML, the one element of a list. All who find the list empty
 * begin it by the same operation, so that two who do at once have begun one fragment and not two.
 */

import * as Y from "yjs";
import { PluresError } from "./errors.ts";
import type { Change, Database, Field } from "./types.ts";

/** How a field is bound. */
export interface BindOptions {
  /**
   * The document to bind; a new one where it is not said. Its content is `doc.getText("value")` or `doc.getArray("value")`, of
   * which the fragment of `bindXml` is the first element.
   */
  doc?: Y.Doc;
  /**
   * Told why a change could not be written, or what others wrote could not be read. It is tried again with the next
   * change; not so with the code `replaced`, which says that the field was written anew and the binding has ended.
   */
  onError?: (error: unknown) => void;
}

/** A field and a document that follow one another. */
export interface Bound<Shared> {
  readonly doc: Y.Doc;
  /** What an editor binds to. */
  readonly shared: Shared;
  /** Resolves once what was changed in the document is written and stored. */
  readonly saved: () => Promise<void>;
  /** Writes what is left, and ends the binding. The document stays as it is. */
  readonly close: () => Promise<void>;
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

/**
 * Binds what is formatted, as ProseMirror and Tiptap have it: a fragment of XML. The node must exist; the field need not. It is a
 * list whose first element is the fragment: readers see it as XML in a text.
 */
export async function bindXml(db: Db, id: string, field: Field, options: BindOptions = {}): Promise<Bound<Y.XmlFragment>> {
  const binding = new Binding(db, id, field, "list", options);
  await binding.begin();
  const list = binding.doc.getArray<unknown>("value");
  if (list.length === 0) Y.applyUpdate(binding.doc, emptyFragment());
  // Where another fragment stood there once, that operation is known already.
  if (list.length === 0) list.insert(0, [new Y.XmlFragment()]);
  const first = list.get(0);
  if (first instanceof Y.XmlFragment) return bound(binding, first);
  await binding.close();
  throw new PluresError("bad-field", `field ${[field].flat().join(".")} is a list that does not begin with a fragment of XML`);
}

/** A document of any client's but an actor's, the same wherever it is made. */
function emptyFragment(): Uint8Array {
  const doc = new Y.Doc();
  doc.clientID = 1;
  doc.getArray("value").insert(0, [new Y.XmlFragment()]);
  return Y.encodeStateAsUpdate(doc);
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
  /** Up to where the field has each client, since it was bound. Within one life of the field that only grows. */
  #known = new Map<number, number>();
  #replaced: PluresError | null = null;
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
    this.#unlisten = this.#db.onChange(({ nodes }: Change) => {
      // Where none is named, any may be another.
      if (nodes.length === 0 || nodes.includes(this.#id)) this.#read();
    });
    try {
      const update = await this.#fetch();
      if (update === null) throw new PluresError("not-found", `there is no node with the id ${JSON.stringify(this.#id)}`);
      // All in one step: a change of the document is either in what it holds or heard of.
      const held = this.doc.store.clients.size > 0;
      Y.applyUpdate(this.doc, update, this);
      this.#know(update);
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
    if (this.#replaced !== null) throw this.#replaced;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#leave();
    try {
      await this.saved();
      await this.#reading;
    } finally {
      this.#closed = true;
    }
  }

  #leave(): void {
    this.doc.off("update", this.#updated);
    this.#unlisten();
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
      if (this.#replaced !== null) return;
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

  async #takeIn(update: Uint8Array): Promise<void> {
    await this.#db.applyUpdate(this.#id, this.#field, this.#kind, update);
    this.#know(update);
  }

  /** An update that is in the field. */
  #know(update: Uint8Array): void {
    for (const [client, clock] of Y.parseUpdateMeta(update).to) {
      this.#known.set(client, Math.max(clock, this.#known.get(client) ?? 0));
    }
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
    // What is known before it is asked for must be in the answer.
    const known = [...this.#known];
    const update = await this.#fetch();
    // A node that was deleted may come back.
    if (update === null || this.#closed) return;
    const { to } = Y.parseUpdateMeta(update);
    if (known.some(([client, clock]) => (to.get(client) ?? 0) < clock)) {
      this.#end();
      return;
    }
    // What is known already changes nothing.
    Y.applyUpdate(this.doc, update, this);
    this.#know(update);
  }

  /** The document is of another life of the field than the one that is now: neither goes into the other. */
  #end(): void {
    this.#replaced = new PluresError("replaced", `field ${[this.#field].flat().join(".")} was written anew, and the bound document does not belong to it any more`);
    this.#closed = true;
    this.#unwritten = [];
    this.#leave();
    this.#onError(this.#replaced);
  }

  #fetch(): Promise<Uint8Array | null> {
    return this.#db.fieldUpdate(this.#id, this.#field, this.#kind);
  }
}
