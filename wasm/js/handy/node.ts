/** `db.node(id)`: one node, and its fields by their kinds. */

import { PluresError } from "../errors.ts";
import type {
  Data,
  Database,
  Edge,
  Field,
  ListEdit,
  LiveEvent,
  LiveQuery,
  Node,
  Patch,
  Revision,
  TextEdit,
  Value,
} from "../types.ts";

/** A node that is there, or may come. */
export interface NodeHandle<T extends object = Data> {
  readonly id: string;
  get(): Promise<Node<T> | null>;
  /** Writes it whole. */
  put(type: string, data: T): Promise<void>;
  patch(patch: Patch): Promise<void>;
  delete(): Promise<boolean>;
  link(label: string, target: string | NodeHandle, data?: Data): Promise<void>;
  unlink(label: string, target: string | NodeHandle): Promise<boolean>;
  edges(options?: { direction?: "out" | "in" | "both"; label?: string; limit?: number }): Promise<Edge[]>;
  history(): Promise<Revision[]>;
  /** Calls back with the node now and whenever it has changed; with null while it is not there. */
  live(listener: (node: Node<T> | null) => void): LiveQuery;
  counter(field: Field): CounterHandle;
  set(field: Field): SetHandle;
  text(field: Field): TextHandle;
  list(field: Field): ListHandle;
}

/** A counter: increments made apart all count. */
export interface CounterHandle {
  get(): Promise<number | bigint>;
  add(by?: number | bigint): Promise<void>;
}

/** A set: an add wins over a remove made without having seen it. */
export interface SetHandle {
  get(): Promise<Value[]>;
  add(...values: Value[]): Promise<void>;
  remove(...values: Value[]): Promise<void>;
}

/** A text: edits made apart stay where they were meant. Places count UTF-16 code units. */
export interface TextHandle {
  get(): Promise<string>;
  insert(at: number, text: string): Promise<void>;
  remove(at: number, count: number): Promise<void>;
  edit(...edits: TextEdit[]): Promise<void>;
}

/** A list: edits made apart stay where they were meant. */
export interface ListHandle {
  get(): Promise<Value[]>;
  insert(at: number, ...values: Value[]): Promise<void>;
  push(...values: Value[]): Promise<void>;
  remove(at: number, count?: number): Promise<void>;
  edit(...edits: ListEdit[]): Promise<void>;
}

/** Only what it needs of a database. */
type Db = Pick<
  Database,
  | "get" | "put" | "patch" | "delete" | "link" | "unlink" | "edges" | "history" | "live" | "transaction"
  | "increment" | "addToSet" | "removeFromSet" | "editText" | "editList"
>;

export function nodeHandle<T extends object>(db: Db, id: string): NodeHandle<T> {
  const field = async <T extends Value>(path: Field, kind: string, fits: (value: Value) => value is T, none: T): Promise<T> => {
    const value = valueAt((await db.get(id))?.data, path);
    if (value === undefined || value === null) return none;
    if (fits(value)) return value;
    throw new PluresError("bad-field", `field ${[path].flat().join(".")} holds something that is no ${kind}`);
  };
  const idOf = (node: string | NodeHandle): string => (typeof node === "string" ? node : node.id);
  return {
    id,
    get: () => db.get<T>(id),
    put: async (type, data) => {
      await db.put({ id, type, data: data as Data });
    },
    patch: (patch) => db.patch(id, patch),
    delete: () => db.delete(id),
    link: (label, target, data) => db.link({ source: id, label, target: idOf(target), ...(data && { data }) }),
    unlink: (label, target) => db.unlink({ source: id, label, target: idOf(target) }),
    edges: (options) => db.edges(id, options),
    history: () => db.history(id),
    live: (listener) => liveNode(db, id, listener),
    counter: (path) => ({
      get: () => field(path, "counter", isNumber, 0),
      add: (by = 1) => db.increment(id, path, by),
    }),
    set: (path) => ({
      get: () => field(path, "set", isArray, []),
      add: (...values) => db.addToSet(id, path, values),
      remove: (...values) => db.removeFromSet(id, path, values),
    }),
    text: (path) => ({
      get: () => field(path, "text", isText, ""),
      insert: (at, insert) => db.editText(id, path, [{ at, insert }]),
      remove: (at, remove) => db.editText(id, path, [{ at, remove }]),
      edit: (...edits) => db.editText(id, path, edits),
    }),
    list: (path) => ({
      get: () => field(path, "list", isArray, []),
      insert: (at, ...insert) => db.editList(id, path, [{ at, insert }]),
      push: (...insert) => db.transaction(async (tx) => {
        const found = valueAt((await tx.get(id))?.data, path);
        await tx.editList(id, path, [{ at: Array.isArray(found) ? found.length : 0, insert }]);
      }),
      remove: (at, remove = 1) => db.editList(id, path, [{ at, remove }]),
      edit: (...edits) => db.editList(id, path, edits),
    }),
  };
}

/** The live query is of the stamp alone; what the node is comes from `get`, so that values are what they are there. */
function liveNode<T extends object>(db: Db, id: string, listener: (node: Node<T> | null) => void): LiveQuery {
  let asked = 0;
  let stopped = false;
  const query = db.live("SELECT id, updated, data FROM nodes WHERE id = ?", [id], ({ error }: LiveEvent) => {
    if (error !== null) return;
    asked += 1;
    const mine = asked;
    void db.get<T>(id).then((node) => {
      // An answer that another has overtaken is of a time gone by.
      if (!stopped && mine === asked) listener(node);
    }, () => undefined);
  });
  const stop = (): void => {
    stopped = true;
    query.stop();
  };
  return {
    get rows() {
      return query.rows;
    },
    stop,
    [Symbol.dispose]: stop,
  };
}

const isNumber = (value: Value): value is number | bigint => typeof value === "number" || typeof value === "bigint";
const isText = (value: Value): value is string => typeof value === "string";
const isArray = (value: Value): value is Value[] => Array.isArray(value);

function valueAt(data: Data | undefined, path: Field): Value | undefined {
  let value: Value | undefined = data;
  for (const key of typeof path === "string" ? [path] : path) {
    if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof Uint8Array) return undefined;
    value = Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return value;
}
