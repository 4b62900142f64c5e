/**
 * The public types of the package: what an application writes, reads and is told.
 * Plain objects only; nothing here knows of WebAssembly.
 */

import type { FacetOptions, Facets, Named, SavedQuery } from "./asked.ts";
import type { PluresError } from "./errors.ts";
import type { GraphQuestions } from "./graph.ts";
import type { Handy } from "./handy/handy.ts";
import type { SqlPart } from "./handy/template.ts";
import type { NearTo, NearestOptions } from "./nearness.ts";
import type { DatabaseStatus, StorageState } from "./status.ts";
import type { Defined, JsonSchema, NodeViolation, TypeDefinition } from "./type-definitions.ts";

/** A value of a field. Integers beyond ±2^53 are `bigint`; `NaN` and infinities are refused. */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Value[]
  | { [key: string]: Value };

/** The fields of a node, or the data of an edge. */
export type Data = Record<string, Value>;

/** A change of some fields: objects merge key by key, `undefined` removes a field, all else replaces. */
export interface Patch {
  [key: string]: Value | undefined | Patch | Float32Array;
}

/** A field: the key of a top-level one, or the keys that lead to it. */
export type Field = string | readonly string[];

/** An edit of a text. Places count UTF-16 code units, as JavaScript strings do. */
export interface TextEdit {
  at: number;
  /** How much goes; nothing when left out. */
  remove?: number;
  /** What comes in its place. */
  insert?: string;
}

/** An edit of a list. */
export interface ListEdit {
  at: number;
  /** How many values go; none when left out. */
  remove?: number;
  /** What comes in their place. */
  insert?: readonly Value[];
}

/** A document with an identity and a type. */
export interface Node<T extends object = Data> {
  id: string;
  type: string;
  data: T;
  /** When a field was last changed, anywhere: milliseconds since 1970. */
  updated: number;
}

/**
 * A node to be written; `id` is drawn at random when left out. A vector may be given as a `Float32Array`; it reads as an
 * array.
 */
export interface NewNode<T extends object = Data> {
  id?: string;
  type: string;
  data: T | Record<string, Value | Float32Array>;
}

/** A labelled edge. Its identity is source, label, target and key; `key` tells parallel edges apart. */
export interface Edge<T extends object = Data> {
  source: string;
  label: string;
  target: string;
  key: string;
  data: T | null;
}

/** What `link` takes. */
export interface NewEdge<T extends object = Data> {
  source: string;
  label: string;
  target: string;
  key?: string;
  data?: T;
}

/** What a SQL parameter can be. */
export type Parameter = null | boolean | number | bigint | string | Uint8Array | Float32Array;

/** Values of a statement's parameters: in their order for `?`, or by name for `:name`, `@name`, `$name`. */
export type Parameters = readonly Parameter[] | Readonly<Record<string, Parameter>>;

/** What a statement may take; without a word about it, all it wants. */
export interface QueryOptions {
  /** Milliseconds it may run, without the pauses between pages of rows; then it ends with the code `sql-time-limit`. */
  timeMs?: number;
  /** Rows it may give; then it ends with the code `sql-row-limit`. */
  maxRows?: number;
  /**
   * Bytes its rows may take; then it ends with the code `sql-size-limit`. So does a statement whose rows take more than
   * 256 MiB of memory where they are given all at once: read them with `rows`.
   */
  maxBytes?: number;
  /** A statement runs in one go on its thread, so this counts before it and between pages of rows. */
  signal?: AbortSignal;
}

/** Options of `rows`. */
export interface RowsOptions extends QueryOptions {
  /** Rows made into objects at a time (default 1000). */
  page?: number;
}

/** What a statement gave and did. */
export interface Executed<Row = Record<string, unknown>> {
  /** Rows inserted, updated or deleted. As in SQLite, an UPDATE to the same values counts. */
  changes: number;
  /** What it read, or what follows RETURNING. */
  rows: Row[];
}

/** Rows of a statement as SQLite gave them; `rows[i][j]` belongs to `columns[j]`. */
export interface ResultTable {
  columns: string[];
  rows: (null | number | bigint | string | Uint8Array)[][];
}

/** A found node, best first. */
export interface Hit<T extends object = Data> {
  node: Node<T>;
  /** How well it fits, higher is better: BM25 in a search by words. */
  score: number;
  /** The words that were found with some around them, marked; where `highlight` was asked for and there are some. */
  snippet?: string;
  /** The fields that words were found in, marked, by their names; likewise. */
  highlights?: Record<string, string>;
}

/** A word that was taken for another, since nothing was found otherwise. */
export interface Correction {
  typed: string;
  taken: string;
}

/** Found nodes, the best first. */
export type Hits<T extends object = Data> = Hit<T>[] & {
  /** Words that were taken for others; there only where some were. */
  corrected?: readonly Correction[];
};

/**
 * Progress of long work, of which `nodes` and `edges` are done. `done` of `total`: bytes of what is imported (of a text its
 * characters), nodes and edges of what is exported or comes from a file. `total` is there when it is known.
 */
export interface Progress {
  done: number;
  total?: number;
  nodes: number;
  edges: number;
}

/** Options of long work. */
export interface LongWork {
  /** What it throws is an uncaught error, and the work goes on: to end it there is `signal`. */
  onProgress?: (progress: Progress) => void;
  signal?: AbortSignal;
}

/**
 * When a write resolves: `strict` once a power cut cannot take it back, `relaxed` once the engine has it, to be stored
 * in a moment.
 */
export type Durability = "strict" | "relaxed";

/** Options of a transaction. */
export interface TransactionOptions {
  /** In place of the database's own. */
  durability?: Durability;
}

/** How `open` is to open. */
export interface OpenOptions {
  /** The space to replicate, 32 hex digits. A new database without it gets a space of its own. */
  space?: string;
  /** Bytes of a `.pluresdb` file to start from. With `idb://` only an empty database takes it. */
  image?: Uint8Array;
  /** Where the module's bytes come from, where the default (`pluresdb_wasm_bg.wasm` beside the script) does not fit. */
  wasm?: BufferSource | WebAssembly.Module | URL | string | Response | Promise<Response>;
  /**
   * Where the engine runs. `auto`, the default: in a worker of its own in pages that can start one, else on this thread,
   * and `status()` says why. `true` fails where no worker can be started (`no-worker`). An address is that of the
   * worker's script, where bundling has moved it: build it from `pluresdb/worker`.
   */
  worker?: boolean | "auto" | URL;
  /** When writes count as stored (default `strict`). One that syncs stores strictly in any case. */
  durability?: Durability;
  /** Keep a full-text index of every string (default true). */
  textIndex?: boolean;
  /** How many transactions `undo` can take back (default 100). They are kept in memory. */
  undo?: number;
}

/** Makes vectors of texts, so that texts of like meaning have near vectors. */
export interface Embedder {
  /** The model's name and version. Vectors of another model are made anew. */
  readonly model: string;
  /** How many numbers its vectors have: the `dimension` of the fields that take them. */
  readonly dimension: number;
  /** For each text its vector, or null where there is nothing to make one of. */
  embed(texts: readonly string[]): Promise<readonly (Float32Array | readonly number[] | null)[]>;
}

/** How far the vectors of an embedder are made, counted in fields of nodes. */
export interface EmbedProgress {
  /** Those whose vector is of their text as it is now. */
  made: number;
  /** Those whose vector is still to be made. */
  pending: number;
}

/** How vectors are to be made. */
export interface EmbedOptions {
  /** Texts that the embedder is given at once (default 64). */
  batch?: number;
  /** Called after each batch. What others write meanwhile may count a second later. */
  onProgress?: (progress: EmbedProgress) => void;
  /** Aborts between two batches. */
  signal?: AbortSignal;
}

/** How vectors are to be kept made. */
export interface KeepEmbeddedOptions extends Omit<EmbedOptions, "signal"> {
  /** Told what the embedder threw. It is asked again after a while. */
  onError?: (error: unknown) => void;
}

/** What to look for, and how. */
export interface SearchOptions {
  /** Only nodes of this type. */
  type?: string;
  /** At most so many (default 20). */
  limit?: number;
  /** What counts (default `words`); the others need an embedder. */
  mode?: "words" | "meaning" | "hybrid";
  /** Makes the vector of the text. */
  embedder?: Embedder;
  /** Only words in these fields count, which types declare as `full_text`; those of all texts where there is none. */
  fields?: readonly string[];
  /** Whether a word that is nowhere is taken for one that is spelled nearly so, where nothing is found (default true). */
  typos?: boolean;
  /** Whether to mark in texts what was found (default false), and how. */
  highlight?: boolean | Highlight;
}

/** How words that were found are marked. */
export interface Highlight {
  /** What stands before (default `<mark>`). Where it begins with `<`, the text around is escaped as HTML. */
  open?: string;
  /** What stands after (default `</mark>`). */
  close?: string;
  /** Most words of a snippet, 1 to 64 (default 16). */
  words?: number;
}

/** Where `staticModel` of `pluresdb/embed` finds its files, where the default (beside the script) does not fit. */
export interface StaticModelOptions {
  /** `pluresdb_embed_wasm_bg.wasm`. */
  wasm?: Uint8Array | URL | string;
  /** `static-en-256.safetensors`. */
  weights?: Uint8Array | URL | string;
  /** `static-en-256.txt`. */
  vocabulary?: Uint8Array | URL | string;
}

/** One transaction's change of a node. */
export interface Revision {
  /** When it counts: milliseconds since 1970. */
  at: number;
  /** Who wrote it, and its number in that actor's log. */
  actor: string;
  seq: number;
  /** It deleted what was there. */
  deleted: boolean;
  /** It put the node, so that it exists from then on. */
  put: boolean;
  /** The type that it gave the node, where it did. */
  type: string | null;
  writes: FieldWrite[];
}

/** A change of a field. */
export interface FieldWrite {
  /** The keys that lead to it. */
  field: string[];
  op: "set" | "remove" | "increment" | "change-set" | "edit-text" | "edit-list";
  /** What it was set to, what a counter grew by, what came into a set. */
  value?: Value;
  /** What went out of a set. */
  removed?: Value[];
}

/** What an undo or redo did. */
export interface Undone {
  /** Nodes and edges that were changed. */
  changed: number;
  /** Nodes and edges that stay as they are, because somebody has changed them since. */
  kept: number;
}

/** What a compaction did. */
export interface Compaction {
  /** Records forgotten. */
  records: number;
  /** Logs of which old records stay, since no relay is known to hold them. */
  unsynced: number;
  bytesBefore: number;
  bytesAfter: number;
}

/** What a live query tells: its rows, and how they differ from those told before. */
export interface LiveEvent<Row = Record<string, unknown>> {
  /** All rows now. A new array each time; a row that did not change is the same object as before. */
  rows: readonly Row[];
  /** Places in `rows`; the first event has all of them here. */
  added: { at: number; row: Row }[];
  /** Places in the rows before. */
  removed: { at: number; row: Row }[];
  changed: { at: number; row: Row; old: Row }[];
  /** Rows that changed their order among those that stayed: places before and now. */
  moved: { from: number; to: number; row: Row }[];
  /** Why the statement does not run, while it does not; the rows are then those before. It is tried again at each commit. */
  error: PluresError | null;
}

/** What is called back with events, alone or behind parameters. */
export type WithListener<Params, Event> =
  | [listener: (event: Event) => void]
  | [params: Params | undefined, listener: (event: Event) => void];

/** A live query that runs. */
export interface LiveQuery<Row = Record<string, unknown>> {
  readonly rows: readonly Row[];
  stop(): void;
  /** `using live = db.live(...)` stops it. */
  [Symbol.dispose](): void;
}

/** What a live answer tells: the answer, and why it could not be had, while it cannot. */
export interface AnswerEvent<T> {
  /** The last answer there was; none before the first. */
  answer: T | undefined;
  error: PluresError | null;
}

/** A question that is asked again after commits. */
export interface LiveAnswer<T> {
  readonly answer: T | undefined;
  stop(): void;
  /** `using answer = db.liveAnswer(...)` stops it. */
  [Symbol.dispose](): void;
}

/** One commit, told after it is visible to reads. */
export interface Change {
  origin: "local" | "sync" | "tab";
  /**
   * Ids of nodes written or deleted, and of the ends of edges written. Empty where so much was written elsewhere that the
   * database was read anew: then any may be another.
   */
  nodes: string[];
}

/** Where a sync stands. */
export interface SyncStatus {
  state: "connecting" | "catching-up" | "live" | "waiting" | "stopped";
  /** Records received and sent since the start. */
  received: number;
  sent: number;
  /** Records the relay holds that are not here yet, as far as it said. */
  behind: number;
  /** Records here that the relay has not acknowledged. */
  ahead: number;
  /** Why it waits or stopped. */
  error: string | null;
}

/** A running sync. */
export interface SyncHandle {
  readonly status: SyncStatus;
  /** Calls back now and at each change; returns what ends it. */
  onStatus(listener: (status: SyncStatus) => void): () => void;
  /** Resolves once this database and the relay hold the same records. */
  settled(): Promise<void>;
  stop(): void;
  /** `using sync = db.sync(...)` stops it. */
  [Symbol.dispose](): void;
}

/**
 * Writes inside one transaction: atomic, one record, nothing at all when the callback throws. The steps are taken in the
 * order of the calls; one that need not be looked at need not be awaited. A step that fails changes nothing, and
 * undoes the transaction unless the callback awaited and caught it.
 */
export interface Transaction extends FieldChanges<Promise<void>> {
  put(node: NewNode): Promise<string>;
  patch(id: string, patch: Patch): Promise<void>;
  delete(id: string): Promise<boolean>;
  link(edge: NewEdge): Promise<void>;
  unlink(edge: Omit<NewEdge, "data">): Promise<boolean>;
  /** Runs one statement of SQL, which sees the writes of this transaction and may write itself. */
  exec<Row = Record<string, unknown>>(sql: string, params?: Parameters): Promise<Executed<Row>>;
  /** The same with values in it, which become parameters: `` await tx.sql`UPDATE Note SET stars = ${5}` ``. Gives its rows. */
  sql<Row = Record<string, unknown>>(strings: TemplateStringsArray, ...parts: SqlPart[]): Promise<Row[]>;
  /** Reads through the writes of this transaction. */
  get<T extends object = Data>(id: string): Promise<Node<T> | null>;
}

/** Changes of fields that merge by more than the last write. The node must exist; the field need not. */
export interface FieldChanges<Done> {
  /** Adds to a counter; all increments count, whoever made them. */
  increment(id: string, field: Field, by?: number | bigint): Done;
  /** Puts values into a set; an add wins over a remove made without having seen it. */
  addToSet(id: string, field: Field, values: readonly Value[]): Done;
  removeFromSet(id: string, field: Field, values: readonly Value[]): Done;
  /** Edits a text, each edit in what the one before left; edits of others are kept where they were meant. */
  editText(id: string, field: Field, edits: readonly TextEdit[]): Done;
  editList(id: string, field: Field, edits: readonly ListEdit[]): Done;
  /**
   * Takes in an update of a Yjs document: of `doc.getText("value")` or `doc.getArray("value")`. Outside of a transaction, one that is
   * too large for it is written as several; where one of these fails, those before it stay, and the same update again writes the rest.
   */
  applyUpdate(id: string, field: Field, kind: "text" | "list", update: Uint8Array): Done;
}

/** An open database. Writes resolve once they are durable. */
export interface Database extends FieldChanges<Promise<void>>, GraphQuestions, Handy {
  readonly url: string;
  readonly space: string;
  readonly actor: string;

  put(node: NewNode): Promise<string>;
  patch(id: string, patch: Patch): Promise<void>;
  /** True when there was a node to delete. */
  delete(id: string): Promise<boolean>;
  get<T extends object = Data>(id: string): Promise<Node<T> | null>;
  list<T extends object = Data>(options?: { type?: string; after?: string; limit?: number }): Promise<Node<T>[]>;
  link(edge: NewEdge): Promise<void>;
  unlink(edge: Omit<NewEdge, "data">): Promise<boolean>;
  edges(id: string, options?: { direction?: "out" | "in" | "both"; label?: string; limit?: number }): Promise<Edge[]>;
  /**
   * Runs a callback as one transaction. It may await what it likes; other writes of this database wait meanwhile, so
   * inside it writes go through `tx`. Reads beside it see what was committed.
   */
  transaction<R>(body: (tx: Transaction) => R | Promise<R>, options?: TransactionOptions): Promise<R>;
  /** The whole document of a text or list as a Yjs update, to apply to a `Y.Doc`; null where there is no such node. */
  fieldUpdate(id: string, field: Field, kind: "text" | "list"): Promise<Uint8Array | null>;

  /**
   * Makes the vectors that are still to be made for fields declared `embed_from`, until none is. They are of this
   * device alone and do not sync.
   */
  embed(embedder: Embedder, options?: EmbedOptions): Promise<EmbedProgress>;
  /** Does the same now and after every change, in the background, until the function that it gives is called. */
  keepEmbedded(embedder: Embedder, options?: KeepEmbeddedOptions): () => void;
  /**
   * Defines a type, or changes its definition to be exactly this, unless a later `version` of it is there. Writes made
   * here are refused from then on where they break the type (code `invalid`); what comes by sync is not.
   */
  defineType(definition: TypeDefinition): Promise<Defined>;
  /**
   * The same by a JSON Schema, named by its title unless `name` is given. A keyword that would constrain and cannot be
   * checked is an error (`bad-type`); `ignored` lists those that only describe.
   */
  defineJsonSchema(schema: JsonSchema, options?: { name?: string }): Promise<Defined & { ignored: string[] }>;
  /** All definitions, by name. */
  types(): Promise<TypeDefinition[]>;
  /** A definition as a JSON Schema; null where the type has none. */
  jsonSchema(name: string): Promise<JsonSchema | null>;
  /**
   * What of the nodes breaks their types, by id: what came by sync, what was there before the definition, two nodes with
   * one value of a unique field. Also what of a definition has no effect, and changes of texts and lists that came
   * by sync and could not be taken in.
   */
  violations(options?: { type?: string; limit?: number }): Promise<NodeViolation[]>;

  /** The changes of a node, the first one first, as far as they were not forgotten. */
  history(id: string): Promise<Revision[]>;
  /** What a node was at a time: a date, or milliseconds since 1970. Null where it did not exist. */
  getAsOf<T extends object = Data>(id: string, time: number | Date): Promise<Node<T> | null>;
  /** Takes back the last transaction of this tab, as far as nobody has changed the same since; null where there is none. */
  undo(): Promise<Undone | null>;
  /** Does again what was undone last; null where there is none, or where another transaction was made since. */
  redo(): Promise<Undone | null>;
  /**
   * Forgets history older than `keepDays`, which is kept as a setting; without it the last one counts. Only what a relay
   * is known to hold goes, with `unsynced` the rest as well, which can then reach no relay any more.
   */
  compact(options?: { keepDays?: number; unsynced?: boolean }): Promise<Compaction>;

  /** Runs one read-only statement; rows are objects by column name. */
  query<Row = Record<string, unknown>>(sql: string, params?: Parameters, options?: QueryOptions): Promise<Row[]>;
  /** The same, with column order and duplicate names kept. */
  table(sql: string, params?: Parameters, options?: QueryOptions): Promise<ResultTable>;
  /**
   * The same, row by row: the rows as they are when the first one is asked for. A page is read when it is asked for, so
   * there may be more than memory holds. Where something is written in between and more than 64 MiB of rows are left, they
   * end with the code `rows-overtaken`.
   */
  rows<Row = Record<string, unknown>>(sql: string, params?: Parameters, options?: RowsOptions): AsyncIterable<Row>;
  /** Runs one statement, which may write to `nodes`, `edges` and the views of types, as one transaction. */
  exec<Row = Record<string, unknown>>(sql: string, params?: Parameters, options?: QueryOptions): Promise<Executed<Row>>;
  /** Runs several statements. What stands between BEGIN and COMMIT is one transaction. */
  execScript(sql: string, params?: Parameters, options?: QueryOptions): Promise<Executed[]>;
  /** How the rows of a statement are found, a line for each step: which indexes it uses. */
  explain(sql: string): Promise<string[]>;
  /**
   * Keeps the rows of a read-only statement up to date: calls back with the rows as they are, at once or as soon as the
   * worker has answered (never while a listener still runs), and after each
   * commit that changes them, made here, in another tab or brought by a sync. Writes of one turn of the event loop are
   * told together. Rows are told apart by their column `id`; else by `source`, `label`, `target` and `key`; else by all
   * values.
   */
  live<Row = Record<string, unknown>>(sql: string, ...rest: WithListener<Parameters, LiveEvent<Row>>): LiveQuery<Row>;
  /**
   * Keeps the answer to any question up to date: a search, a traversal, facets, or several at once. It is asked now and
   * after commits, one at a time, and the listener is called where the answer differs from the one told before. `live`
   * costs less for what a statement of SQL can say.
   */
  liveAnswer<T>(
    ask: (database: Database) => T | Promise<T>,
    listener: (event: AnswerEvent<T>) => void,
  ): LiveAnswer<T>;
  /** Counts nodes by the values of fields, each field without what was chosen of it. */
  facets(options: FacetOptions): Promise<Facets>;
  /** Saves a query, or makes the one of this name exactly this. One that does not run is refused. */
  saveQuery(query: SavedQuery): Promise<void>;
  /** All saved queries, by name. */
  savedQueries(): Promise<Required<SavedQuery>[]>;
  /** Runs a saved query, with these values in the place of its defaults. */
  runSaved<Row = Record<string, unknown>>(name: string, params?: Named): Promise<Row[]>;
  /** Keeps its rows up to date, as `live` does. */
  liveSaved<Row = Record<string, unknown>>(name: string, ...rest: WithListener<Named, LiveEvent<Row>>): LiveQuery<Row>;
  /** True when there was one to remove. */
  removeQuery(name: string): Promise<boolean>;
  /**
   * Search by the words in nodes, all of which must be there and the last one of which may be a beginning (`"a phrase"`,
   * `begin*`, `OR`, `-word` and parentheses are understood); by the meaning of the text; or by both, ranked together.
   * Vectors of nodes are compared where the same embedder made them.
   */
  search<T extends object = Data>(text: string, options?: SearchOptions): Promise<Hits<T>>;
  /**
   * The nodes of a type whose vectors in a field are nearest, the nearest first. The score is higher the nearer: the cosine,
   * the dot product, or minus the distance, as the field's metric says. A condition loses none: `limit` nodes that meet it are
   * found where there are so many.
   */
  nearest<T extends object = Data>(type: string, field: string, to: NearTo, options?: NearestOptions): Promise<Hit<T>[]>;

  /** Reads JSON Lines (see `docs/format.md`) in batches, yielding to the event loop between them. */
  importJsonl(source: string | AsyncIterable<string> | ReadableStream<string>, options?: LongWork): Promise<Progress>;
  /** Writes JSON Lines, in pieces of about 64 KiB. */
  exportJsonl(options?: LongWork): AsyncIterable<string>;
  /** The database as the bytes of a `.pluresdb` file. */
  image(): Promise<Uint8Array>;

  sync(relay: string): SyncHandle;
  onChange(listener: (change: Change) => void): () => void;
  /** Resolves once everything committed so far is on durable storage. */
  durable(): Promise<void>;
  status(): Promise<DatabaseStatus>;
  /**
   * Calls back now (or as soon as the worker has answered) and whenever storage begins to fail, fails for another
   * reason, or works again: a full disk, a database that was deleted, another tab with a later version of the package
   * (`format`). Returns what ends it.
   */
  onStorage(listener: (state: StorageState) => void): () => void;
  /** Asks the browser to keep what this site stores until the user deletes it; true where it does. Browsers may ask the user. */
  persist(): Promise<boolean>;
  /**
   * Equal on two replicas of one space exactly when they have merged to the same, deletes included. Databases that were
   * filled apart differ also where they hold the same: it counts when and by whom.
   */
  stateHash(): Promise<string>;
  close(): Promise<void>;
}
