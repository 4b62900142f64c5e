/** An open database: each method calls the module, then waits for storage where it wrote. */

import { CoreDatabase } from "../pkg/pluresdb_wasm.js";
import type { FacetOptions, Facets, Named, SavedQuery } from "./asked.ts";
import { Keeper, type Place, embedPending, vectorOf } from "./embed/work.ts";
import { PluresError, call } from "./errors.ts";
import { exportLines } from "./export.ts";
import { facets } from "./facets.ts";
import { Gate } from "./gate.ts";
import { HandyDatabase } from "./handy/handy.ts";
import { importLines } from "./import.ts";
import { Answering } from "./live-answer.ts";
import { LiveQueries } from "./live.ts";
import type { NearTo, NearestOptions } from "./nearness.ts";
import { nearest } from "./nearest.ts";
import { Listeners, guarded } from "./listeners.ts";
import type { GraphPart, GraphQuestions, WalkOptions } from "./graph.ts";
import { DURABILITIES, callback, limited, object, oneOf, withListener } from "./options.ts";
import { search, withoutEmbedder } from "./search.ts";
import { eachRow, execute, executeScript, rowObjects, selectTable } from "./sql.ts";
import { LocalSteps } from "./steps.ts";
import { MemoryStorage } from "./storage/memory.ts";
import type { Storage } from "./storage/storage.ts";
import { RelaySync } from "./sync.ts";
import type { TextSource } from "./text-source.ts";
import { optionalText, text } from "./text.ts";
import { type Steps, runTransaction } from "./transaction.ts";
import type { Defined, JsonSchema, NodeViolation, TypeDefinition } from "./type-definitions.ts";
import type { DatabaseStatus, StorageState } from "./status.ts";
import type {
  AnswerEvent,
  Change,
  Compaction,
  Data,
  Database,
  Edge,
  EmbedOptions,
  EmbedProgress,
  Embedder,
  Executed,
  Field,
  Hit,
  Hits,
  KeepEmbeddedOptions,
  ListEdit,
  LiveAnswer,
  LiveEvent,
  LiveQuery,
  LongWork,
  NewEdge,
  NewNode,
  Node,
  Parameters,
  Patch,
  Progress,
  QueryOptions,
  ResultTable,
  Revision,
  SearchOptions,
  RowsOptions,
  SyncHandle,
  TextEdit,
  Transaction,
  TransactionOptions,
  Undone,
  Value,
  WithListener,
} from "./types.ts";

type Counts = Pick<DatabaseStatus, "space" | "actor" | "nodes" | "edges" | "records">;
type Answer<Question extends keyof GraphQuestions> = ReturnType<GraphQuestions[Question]>;

const LIST_LIMIT = 100;
const EDGE_LIMIT = 1000;
const VIOLATION_LIMIT = 1000;

export class LocalDatabase extends HandyDatabase implements Database {
  readonly url: string;
  readonly #core: CoreDatabase;
  readonly #storage: Storage;
  readonly #gate: Gate;
  readonly #transactions = new Set<Steps>();
  readonly #changes = new Listeners<Change>();
  readonly #syncs = new Set<RelaySync>();
  readonly #live = new LiveQueries(() => this.#open());
  readonly #keepers = new Set<Keeper>();
  readonly #answers = new Set<LiveAnswer<unknown>>();
  readonly #embedding: Place = {
    core: () => this.#open(),
    rewritten: () => { this.#storage.rewritten(); },
    onChange: (listener) => this.onChange(listener),
  };
  #watching = false;
  #closed = false;
  /** The first, synchronous part of a transaction's callback runs. */
  #inBody = false;

  /** `noWorker` says why the engine is not in a worker, where one was wanted. */
  constructor(
    url: string,
    core: CoreDatabase,
    storage: Storage,
    gate: Gate,
    readonly noWorker: string | null = null,
  ) {
    super();
    this.url = url;
    this.#core = core;
    this.#storage = storage;
    this.#gate = gate;
  }

  get space(): string {
    return this.#read((core) => core.space);
  }

  get actor(): string {
    return this.#read((core) => core.actor);
  }

  put(node: NewNode): Promise<string> {
    return this.#write((core) => {
      const { id, type, data } = object(node, "node");
      return core.put(optionalText(id, "id"), text(type, "type"), data);
    });
  }

  patch(id: string, patch: Patch): Promise<void> {
    return this.#write((core) => { core.patch(text(id, "id"), patch); });
  }

  delete(id: string): Promise<boolean> {
    return this.#write((core) => core.delete(text(id, "id")));
  }

  get<T extends object = Data>(id: string): Promise<Node<T> | null> {
    return this.#ask((core) => (core.get(text(id, "id")) as Node<T> | undefined) ?? null);
  }

  list<T extends object = Data>(
    { type, after, limit = LIST_LIMIT }: { type?: string; after?: string; limit?: number } = {},
  ): Promise<Node<T>[]> {
    return this.#ask((core) => core.list(optionalText(type, "type"), optionalText(after, "after"), limited(limit, "limit")) as Node<T>[]);
  }

  link(edge: NewEdge): Promise<void> {
    return this.#write((core) => {
      const { source, label, target, key, data } = object(edge, "edge");
      core.link(source, label, target, key, data);
    });
  }

  unlink(edge: Omit<NewEdge, "data">): Promise<boolean> {
    return this.#write((core) => {
      const { source, label, target, key } = object(edge, "edge");
      return core.unlink(source, label, target, key);
    });
  }

  edges(
    id: string,
    { direction = "out", label, limit = EDGE_LIMIT }:
      { direction?: "out" | "in" | "both"; label?: string; limit?: number } = {},
  ): Promise<Edge[]> {
    return this.#ask((core) => core.edges(text(id, "id"), direction, optionalText(label, "label"), limited(limit, "limit")) as Edge[]);
  }

  neighbours(id: string, options?: WalkOptions & { limit?: number }): Answer<"neighbours"> {
    return this.#ask((core) => core.neighbours(text(id, "id"), options) as Awaited<Answer<"neighbours">>);
  }

  traverse(start: string, options?: WalkOptions): Answer<"traverse"> {
    return this.#ask((core) => core.traverse(text(start, "start"), options) as Awaited<Answer<"traverse">>);
  }

  shortestPath(
    start: string,
    end: string,
    options?: WalkOptions & { weight?: string; defaultWeight?: number },
  ): Answer<"shortestPath"> {
    return this.#ask((core) => {
      const route = core.shortestPath(text(start, "start"), text(end, "end"), options);
      return route as Awaited<Answer<"shortestPath">>;
    });
  }

  subgraph(ids: string | readonly string[], options?: WalkOptions): Answer<"subgraph"> {
    const all = typeof ids === "string" ? [ids] : [...ids];
    return this.#ask((core) => core.subgraph(all, options) as Awaited<Answer<"subgraph">>);
  }

  components(options?: GraphPart): Answer<"components"> {
    return this.#ask((core) => core.components(options) as Awaited<Answer<"components">>);
  }

  pagerank(options?: GraphPart & { damping?: number }): Answer<"pagerank"> {
    return this.#ask((core) => core.pagerank(options) as Awaited<Answer<"pagerank">>);
  }

  increment(id: string, field: Field, by: number | bigint = 1): Promise<void> {
    return this.#change("increment", id, field, by);
  }

  addToSet(id: string, field: Field, values: readonly Value[]): Promise<void> {
    return this.#change("addToSet", id, field, values);
  }

  removeFromSet(id: string, field: Field, values: readonly Value[]): Promise<void> {
    return this.#change("removeFromSet", id, field, values);
  }

  editText(id: string, field: Field, edits: readonly TextEdit[]): Promise<void> {
    return this.#change("editText", id, field, edits);
  }

  editList(id: string, field: Field, edits: readonly ListEdit[]): Promise<void> {
    return this.#change("editList", id, field, edits);
  }

  applyUpdate(id: string, field: Field, kind: "text" | "list", update: Uint8Array): Promise<void> {
    return this.#change("applyUpdate", id, field, kind, update);
  }

  fieldUpdate(id: string, field: Field, kind: "text" | "list"): Promise<Uint8Array | null> {
    return this.#ask((core) => core.fieldUpdate(text(id, "id"), field, kind) ?? null);
  }

  embed(embedder: Embedder, options: EmbedOptions = {}): Promise<EmbedProgress> {
    return this.#storage.during(() => embedPending(this.#embedding, embedder, options));
  }

  keepEmbedded(embedder: Embedder, options: KeepEmbeddedOptions = {}): () => void {
    const keeper = new Keeper(this.#embedding, embedder, options);
    this.#keepers.add(keeper);
    return () => {
      keeper.stop();
      this.#keepers.delete(keeper);
    };
  }

  defineType(definition: TypeDefinition): Promise<Defined> {
    return this.#write((core) => core.defineType(definition) as Defined);
  }

  defineJsonSchema(
    schema: JsonSchema,
    { name }: { name?: string } = {},
  ): Promise<Defined & { ignored: string[] }> {
    return this.#write((core) => core.defineJsonSchema(schema, name) as Defined & { ignored: string[] });
  }

  types(): Promise<TypeDefinition[]> {
    return this.#ask((core) => core.types() as TypeDefinition[]);
  }

  jsonSchema(name: string): Promise<JsonSchema | null> {
    return this.#ask((core) => core.jsonSchema(text(name, "name")) as JsonSchema | null);
  }

  violations(
    { type, limit = VIOLATION_LIMIT }: { type?: string; limit?: number } = {},
  ): Promise<NodeViolation[]> {
    return this.#ask((core) => core.violations(type, limited(limit, "limit")) as NodeViolation[]);
  }

  history(id: string): Promise<Revision[]> {
    return this.#ask((core) => core.history(text(id, "id")) as Revision[]);
  }

  getAsOf<T extends object = Data>(id: string, time: number | Date): Promise<Node<T> | null> {
    return this.#ask((core) => {
      const ms = Number(time);
      if (Number.isNaN(ms)) throw new PluresError("bad-value", `${String(time)} is no time`);
      return (core.getAsOf(text(id, "id"), ms) as Node<T> | undefined) ?? null;
    });
  }

  undo(): Promise<Undone | null> {
    return this.#write((core) => (core.undo() as Undone | undefined) ?? null);
  }

  redo(): Promise<Undone | null> {
    return this.#write((core) => (core.redo() as Undone | undefined) ?? null);
  }

  async compact(
    { keepDays, unsynced = false }: { keepDays?: number; unsynced?: boolean } = {},
  ): Promise<Compaction> {
    if (keepDays !== undefined && !(keepDays >= 0)) {
      throw new PluresError("bad-value", `keepDays: expected a number of days, found ${String(keepDays)}`);
    }
    const release = await this.#gate.hold();
    try {
      // What is forgotten before it is stored would be stored nowhere.
      while (this.#storage.state().unsaved > 0) await this.#storage.saved();
      return this.#read((core) => core.compact(keepDays, unsynced) as Compaction);
    } finally {
      release();
      this.#storage.rewritten();
    }
  }

  async transaction<R>(body: (tx: Transaction) => R | Promise<R>, options: TransactionOptions = {}): Promise<R> {
    return runTransaction(() => this.begin(options), callback(body, "body"), (work) => {
      this.#inBody = true;
      try {
        return work();
      } finally {
        this.#inBody = false;
      }
    });
  }

  /** Begins a transaction when its turn comes. */
  async begin({ durability }: TransactionOptions): Promise<Steps> {
    this.#mayWrite();
    oneOf(durability, "durability", DURABILITIES);
    const release = await this.#gate.hold();
    try {
      const transaction = this.#read((core) => core.begin());
      const end = (): void => {
        this.#transactions.delete(steps);
        release();
      };
      const steps: Steps = new LocalSteps(transaction, this.#gate, end, () => {
        this.#committed();
        return this.#storage.written(durability);
      });
      this.#transactions.add(steps);
      return steps;
    } catch (error) {
      release();
      throw error;
    }
  }

  async query<Row = Record<string, unknown>>(
    sql: string,
    params?: Parameters,
    options?: QueryOptions,
  ): Promise<Row[]> {
    return rowObjects<Row>(await this.table(sql, params, options));
  }

  table(sql: string, params?: Parameters, options?: QueryOptions): Promise<ResultTable> {
    return this.#ask((core) => selectTable(core, sql, params, options));
  }

  rows<Row = Record<string, unknown>>(
    sql: string,
    params?: Parameters,
    options?: RowsOptions,
  ): AsyncIterable<Row> {
    return eachRow<Row>(() => this.#open(), sql, params, options);
  }

  exec<Row = Record<string, unknown>>(
    sql: string,
    params?: Parameters,
    options?: QueryOptions,
  ): Promise<Executed<Row>> {
    return this.#write((core) => execute<Row>(core, sql, params, options));
  }

  execScript(sql: string, params?: Parameters, options?: QueryOptions): Promise<Executed[]> {
    return this.#write((core) => executeScript(core, sql, params, options));
  }

  explain(sql: string): Promise<string[]> {
    return this.#ask((core) => core.explain(text(sql, "sql")));
  }

  live<Row = Record<string, unknown>>(
    sql: string,
    ...rest: WithListener<Parameters, LiveEvent<Row>>
  ): LiveQuery<Row> {
    const [params, listener] = withListener(rest);
    this.#watch();
    return this.#live.start((core) => core.subscribe(text(sql, "sql"), params), listener);
  }

  liveAnswer<T>(
    ask: (database: Database) => T | Promise<T>,
    listener: (event: AnswerEvent<T>) => void,
  ): LiveAnswer<T> {
    const ended = (): void => void this.#answers.delete(answering);
    const answering = new Answering(this, ask, listener, (told) => this.onChange(told), ended);
    this.#answers.add(answering);
    return answering;
  }

  facets(options: FacetOptions): Promise<Facets> {
    return this.#ask((core) => facets(core, options));
  }

  saveQuery({ name, sql, params, description = "" }: SavedQuery): Promise<void> {
    return this.#write((core) => { core.saveQuery(name, sql, params, description); });
  }

  savedQueries(): Promise<Required<SavedQuery>[]> {
    return this.#ask((core) => core.savedQueries() as Required<SavedQuery>[]);
  }

  runSaved<Row = Record<string, unknown>>(name: string, params?: Named): Promise<Row[]> {
    return this.#ask((core) => rowObjects<Row>(core.runSaved(name, params) as ResultTable));
  }

  liveSaved<Row = Record<string, unknown>>(
    name: string,
    ...rest: WithListener<Named, LiveEvent<Row>>
  ): LiveQuery<Row> {
    const [params, listener] = withListener(rest);
    this.#watch();
    return this.#live.start((core) => core.subscribeSaved(name, params), listener);
  }

  removeQuery(name: string): Promise<boolean> {
    return this.#write((core) => core.removeQuery(name));
  }

  async search<T extends object = Data>(sought: string, options: SearchOptions = {}): Promise<Hits<T>> {
    const words = text(sought, "text");
    const { mode = "words", embedder } = options;
    if (mode === "words") return this.#read((core) => search<T>(options, (how) => core.search(words, how)));
    if (embedder === undefined) throw withoutEmbedder(mode);
    const vector = await vectorOf(embedder, words);
    return this.#read((core) =>
      search<T>(options, (how) => core.searchMeaning(words, mode, embedder.model, vector, how)),
    );
  }

  async nearest<T extends object = Data>(
    type: string,
    field: string,
    to: NearTo,
    options?: NearestOptions,
  ): Promise<Hit<T>[]> {
    return this.#read(await nearest<T>(type, field, to, options));
  }

  async importJsonl(source: TextSource, options: LongWork = {}): Promise<Progress> {
    this.#mayWrite();
    const storage = this.#storage;
    const write = <R>(work: (core: CoreDatabase) => R): Promise<R> => this.#commit(work);
    return storage.during(async () => {
      try {
        const progress = await importLines(source, { write, room: () => storage.room() }, options);
        this.#open();
        return progress;
      } finally {
        // What was imported stays, also after an abort. Closing has stored it.
        if (!this.#closed) await storage.saved();
      }
    });
  }

  exportJsonl(options: LongWork = {}): AsyncIterable<string> {
    return exportLines(this.#open(), options);
  }

  image(): Promise<Uint8Array> {
    return this.#ask((core) => core.image());
  }

  sync(relay: string): SyncHandle {
    this.#open();
    const session = new RelaySync(relay, {
      storage: this.#storage,
      gate: this.#gate,
      applied: (nodes) => { this.applied("sync", nodes); },
      ended: () => { this.#syncs.delete(session); },
    });
    this.#syncs.add(session);
    return session;
  }

  onChange(listener: (change: Change) => void): () => void {
    this.#open();
    callback(listener, "listener");
    this.#watch();
    return this.#changes.add(listener);
  }

  async durable(): Promise<void> {
    this.#open();
    await this.#storage.hardened();
  }

  async status(): Promise<DatabaseStatus> {
    const site = await this.#storage.site();
    const counts = await this.#ask((core) => core.status() as Counts);
    const { unsaved, error: storageError, code: storageCode } = this.#storage.state();
    return { url: this.url, ...counts, unsaved, storageError, storageCode, site, worker: false, workerError: this.noWorker };
  }

  onStorage(listener: (state: StorageState) => void): () => void {
    this.#open();
    const end = this.#storage.onState(listener);
    guarded(listener, this.#storage.state());
    return end;
  }

  async persist(): Promise<boolean> {
    this.#open();
    return this.#storage.persist();
  }

  stateHash(): Promise<string> {
    return this.#ask((core) => core.stateHash());
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#live.close();
    for (const session of this.#syncs) session.stop();
    for (const keeper of this.#keepers) keeper.stop();
    for (const answer of this.#answers) answer.stop();
    for (const transaction of this.#transactions) transaction.rollback();
    try {
      await this.#storage.close();
    } finally {
      this.#core.free();
    }
  }

  protected override openImage(image: Uint8Array): Promise<Database> {
    return new Promise((resolve) => {
      const core = call(() => CoreDatabase.memory(undefined, false, image));
      resolve(new LocalDatabase("memory://", core, new MemoryStorage(core), new Gate()));
    });
  }

  #watch(): void {
    if (this.#watching) return;
    this.#watching = true;
    this.#read((core) => { core.watch(); });
  }

  /** Tells those who listen what storage or sync has brought, if it is not what this tab stored itself; null where all was read anew. */
  applied(origin: Change["origin"], nodes: string[] | null): void {
    if (this.#closed) return;
    this.#live.committed();
    if (nodes === null || nodes.length > 0) this.#changes.tell({ origin, nodes: nodes ?? [] });
  }

  /** Tells those who listen that commits of this tab are visible. */
  #committed(): void {
    this.#storage.committed();
    if (!this.#watching) return;
    this.#live.committed();
    const nodes = call(() => this.#core.takeTouched());
    if (nodes.length > 0) this.#changes.tell({ origin: "local", nodes });
  }

  #change(operation: string, id: string, field: Field, ...parts: unknown[]): Promise<void> {
    const [first, second] = parts;
    return this.#write((core) => { core.changeField(operation, text(id, "id"), field, first, second); });
  }

  #open(): CoreDatabase {
    if (this.#closed) throw new PluresError("closed", "this database was closed");
    return this.#core;
  }

  #ask<R>(work: (core: CoreDatabase) => R): Promise<R> {
    return new Promise((resolve) => {
      resolve(this.#read(work));
    });
  }

  #read<R>(work: (core: CoreDatabase) => R): R {
    const core = this.#open();
    return call(() => work(core));
  }

  async #write<R>(work: (core: CoreDatabase) => R): Promise<R> {
    this.#mayWrite();
    const result = await this.#commit(work);
    await this.#storage.written();
    return result;
  }

  /** Commits when no transaction is open, which is at once as a rule. */
  #commit<R>(work: (core: CoreDatabase) => R): Promise<R> {
    return this.#gate.run(() => {
      const result = this.#read(work);
      this.#committed();
      return result;
    });
  }

  #mayWrite(): void {
    if (!this.#inBody) return;
    throw new PluresError(
      "in-transaction",
      "the database is inside a transaction, whose end this write would wait for; in its callback, use the transaction's own methods",
    );
  }
}
