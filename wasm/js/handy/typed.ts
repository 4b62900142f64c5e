/** `db.type(name, fields)`: a type that TypeScript knows as well. */

import { PluresError } from "../errors.ts";
import { withListener } from "../options.ts";
import type { FieldDefinition, NestedFieldDefinition, TypeDefinition, ValueShape } from "../type-definitions.ts";
import type { Data, Database, LiveEvent, LiveQuery, Node, Parameters, Value, WithListener } from "../types.ts";
import { fieldColumns } from "./fields.ts";

export type Fields = Readonly<Record<string, FieldDefinition>>;

interface ByType {
  any: Value;
  string: string;
  integer: number;
  number: number;
  boolean: boolean;
  bytes: Uint8Array;
  array: Value[];
  object: Data;
}

/** What a field holds, by its definition. Whole numbers beyond 2^53 come as `bigint` all the same. */
export type ValueOf<S> = S extends { nullable: true } ? Plain<S> | null : Plain<S>;

type Plain<S> = S extends { enum: readonly (infer E)[] }
  ? E
  : S extends { kind: "counter" }
    ? number
    : S extends { kind: "text" }
      ? string
      : S extends { kind: "vector" }
        ? number[]
        : S extends { kind: "set" | "list" } | { type: "array" }
          ? S extends { items: infer I extends ValueShape } ? ValueOf<I>[] : Value[]
          : S extends { fields: infer F extends Readonly<Record<string, NestedFieldDefinition>> }
            ? DataOf<F>
            : S extends { type: infer N extends keyof ByType } ? ByType[N] : Value;

type Sure<F> = { [K in keyof F]: F[K] extends { required: true } | { default: unknown } ? K : never }[keyof F];
type Needed<F> = { [K in keyof F]: F[K] extends { required: true } ? (F[K] extends { default: unknown } ? never : K) : never }[keyof F];
/** Written out where an editor shows it. */
type Flat<T> = { [K in keyof T]: T[K] } & {};

/** The fields of a node as they are read: those that are required or have a default are there. */
export type DataOf<F> = Flat<
  { -readonly [K in Sure<F>]: ValueOf<F[K]> } & { -readonly [K in Exclude<keyof F, Sure<F>>]?: ValueOf<F[K]> }
>;

/** What a field takes: a vector comes as an array, and may be given as a `Float32Array`. */
type Given<S> = S extends { kind: "vector" } ? ValueOf<S> | Float32Array : ValueOf<S>;

/** The fields of a node as they are written: those with a default may be left out. */
export type InputOf<F> = Flat<
  { -readonly [K in Needed<F>]: Given<F[K]> } & { -readonly [K in Exclude<keyof F, Needed<F>>]?: Given<F[K]> }
>;

/** A change of fields; `undefined` removes one, and an object merges key by key. */
export type PatchOf<F> = Flat<{
  -readonly [K in keyof F]?:
    | (F[K] extends { fields: infer N extends Readonly<Record<string, NestedFieldDefinition>> } ? PatchOf<N> : never)
    | Given<F[K]>
    | undefined;
}>;

/** As it is written: `const` makes arrays of it that cannot be changed. */
type Fixed<T> = T extends Uint8Array ? T : T extends readonly (infer E)[] ? readonly Fixed<E>[] : T extends object ? { readonly [K in keyof T]: Fixed<T[K]> } : T;

/**
 * Definitions that hold together: no other keys, defaults that their fields may hold, and vectors made of fields that there are.
 * Of definitions that are made as the program runs, nothing is known.
 */
export type Sound<F> = {
  [K in keyof F]: {
    [P in keyof F[K]]: P extends "default"
      ? F[K][P] extends Fixed<ValueOf<F[K]>> | Made<F[K][P]>
        ? F[K][P]
        : Wrong<"the field cannot hold this default">
      : P extends "embed_from"
        ? readonly (keyof F)[]
        : P extends keyof FieldDefinition
          ? F[K][P]
          : Wrong<"there is no such key">;
  };
};

/** What is made as the program runs may be any value. */
type Made<T> = Value extends T ? T : never;

/** Why a definition does not compile, in the words of the compiler's error. */
export interface Wrong<Why extends string> {
  readonly wrong: Why;
}

/** A node of a type: its fields are what the type says. */
export interface TypedNode<D> {
  id: string;
  type: string;
  data: D;
  updated: number;
}

/** The column of a field: its name, where the view has no column of that name of its own. */
type ColumnOf<K> = K extends string ? (Lowercase<K> extends "id" | "updated" | "data" ? `data.${K}` : K) : K;

interface InColumn {
  any: string | number | bigint;
  string: string;
  integer: number;
  number: number;
  boolean: 0 | 1;
  bytes: string;
  array: string;
  object: string;
}

/** What a column shows of a field: SQL has 0 and 1 for booleans, and what is no scalar is JSON in a text. */
type Shown<S> = S extends { enum: readonly (infer E)[] }
  ? E extends boolean
    ? 0 | 1
    : E extends string | number | bigint
      ? E
      : string
  : S extends { kind: "counter" }
    ? number
    : S extends { kind: "text" | "set" | "list" | "vector" }
      ? string
      : S extends { type: infer N extends keyof InColumn }
        ? InColumn[N]
        : InColumn["any"];

/** A row of a type's view as SQL gives it: `id` and its fields, null where there is nothing. */
export type RowOf<F> = Flat<{ id: string } & { -readonly [K in keyof F as ColumnOf<K>]: Shown<F[K]> | null }>;

/** The nodes of one type. */
export interface TypeHandle<F extends Fields> {
  readonly name: string;
  /** Writes a node; gives its id, drawn at random where none is said. */
  put(data: InputOf<F>, options?: { id?: string }): Promise<string>;
  /** Null also where the node is of another type. */
  get(id: string): Promise<TypedNode<DataOf<F>> | null>;
  /** Changes some fields. A node of another type is not found (`not-found`). */
  patch(id: string, patch: PatchOf<F>): Promise<void>;
  /** False also where the node is of another type, which stays. */
  delete(id: string): Promise<boolean>;
  /** By id: the first 100, or `limit`, behind `after`. */
  list(options?: { after?: string; limit?: number }): Promise<TypedNode<DataOf<F>>[]>;
  /**
   * Rows for which a condition of SQL holds: `notes.where("stars > ? ORDER BY stars", [3])`; all without one. They are as SQL
   * has them: 0 and 1 for booleans, JSON in a text for sets, lists, objects and bytes. A field named
   * `id`, `updated` or `data` is the column `"data.id"`, `"data.updated"` or `"data.data"`, there and in the rows.
   */
  where(condition?: string, params?: Parameters): Promise<RowOf<F>[]>;
  /** The same, kept up to date. The parameters, or both, may be left out. */
  live(listener: (event: LiveEvent<RowOf<F>>) => void): LiveQuery<RowOf<F>>;
  live(condition: string | undefined, ...rest: WithListener<Parameters, LiveEvent<RowOf<F>>>): LiveQuery<RowOf<F>>;
}

/** What else a definition says. */
export type TypeOptions = Omit<TypeDefinition, "name" | "fields">;

type Db = Pick<Database, "defineType" | "put" | "get" | "patch" | "delete" | "list" | "query" | "live" | "types">;

export async function defineTyped<const F extends Fields>(
  db: Db,
  name: string,
  fields: F,
  options: TypeOptions,
): Promise<TypeHandle<F>> {
  await db.defineType({ ...options, name, fields });
  const view = `"${name.replaceAll('"', '""')}"`;
  const shown = (await fieldColumns(db, name)).filter(({ field }) => Object.hasOwn(fields, field));
  const columns = ["id", ...shown.map(({ field, column }) => column ?? field)];
  const select = `SELECT ${columns.map((column) => `"${column.replaceAll('"', '""')}"`).join(", ")} FROM ${view}`;
  const statement = (condition: string | undefined): string => {
    if (condition === undefined) return select;
    return /^\s*(order|limit)\s/i.test(condition) ? `${select} ${condition}` : `${select} WHERE ${condition}`;
  };
  type Typed = TypedNode<DataOf<F>>;
  type Told = (event: LiveEvent<RowOf<F>>) => void;
  const get = async (id: string): Promise<Node | null> => {
    const node = await db.get(id);
    return node?.type === name ? node : null;
  };
  return {
    name,
    put: (data, { id } = {}) => db.put({ type: name, data: data as Data, ...(id !== undefined && { id }) }),
    get: async (id) => (await get(id)) as unknown as Typed | null,
    patch: async (id, patch) => {
      if ((await get(id)) === null) {
        throw new PluresError("not-found", `there is no ${name} with the id ${JSON.stringify(id)}`);
      }
      await db.patch(id, patch);
    },
    delete: async (id) => (await get(id)) !== null && db.delete(id),
    list: async (page) => (await db.list({ ...page, type: name })) as unknown as Typed[],
    where: (condition, params) => db.query<RowOf<F>>(statement(condition), params),
    live: (first: string | undefined | Told, ...rest: [] | WithListener<Parameters, LiveEvent<RowOf<F>>>) => {
      if (typeof first === "function") return db.live<RowOf<F>>(select, first);
      const [params, listener] = withListener(rest as WithListener<Parameters, LiveEvent<RowOf<F>>>);
      return db.live<RowOf<F>>(statement(first), params, listener);
    },
  };
}
