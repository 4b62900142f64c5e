/** A database whose engine runs in a worker: the same as one on this thread, by messages. */

import type { Named } from "../asked.ts";
import { PluresError } from "../errors.ts";
import { HandyDatabase } from "../handy/handy.ts";
import { Answering } from "../live-answer.ts";
import { Listeners, guarded } from "../listeners.ts";
import { follow } from "../live.ts";
import { callback, withListener } from "../options.ts";
import type { StorageState } from "../status.ts";
import { persist } from "../storage/site.ts";
import { checkRelay } from "../sync.ts";
import { type Steps, runTransaction } from "../transaction.ts";
import type {
  AnswerEvent,
  Change,
  Correction,
  Data,
  Database,
  Embedder,
  Hit,
  Hits,
  KeepEmbeddedOptions,
  LiveAnswer,
  LiveEvent,
  LiveQuery,
  Parameters,
  SearchOptions,
  SyncHandle,
  SyncStatus,
  Transaction,
  TransactionOptions,
  WithListener,
} from "../types.ts";
import type { Endpoint } from "./endpoint.ts";
import type { LiveDelta, Opened } from "./host.ts";
import { type CallMethod, type RowsMethod, methodsOf } from "./methods.ts";
import { checkCall, checkStep } from "./storable.ts";

type Row = Record<string, unknown>;

// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging, @typescript-eslint/no-empty-object-type -- the methods are made below, one for each of these
export interface RemoteDatabase extends Pick<Database, CallMethod | RowsMethod> {}

// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- see above
export class RemoteDatabase extends HandyDatabase implements Database {
  readonly url: string;
  readonly space: string;
  readonly #endpoint: Endpoint;
  readonly #target: number;
  readonly #gone: () => void;
  readonly #lasting = new Set<Lasting>();
  readonly #unlisten: () => void;
  #actor: string;
  #closing: Promise<void> | null = null;
  /** The first, synchronous part of a transaction's callback runs. */
  #inBody = false;

  /** `gone` is called once it is closed. */
  constructor(url: string, { target, space, actor }: Opened, endpoint: Endpoint, gone: () => void) {
    super();
    this.url = url;
    this.space = space;
    this.#actor = actor;
    this.#target = target;
    this.#endpoint = endpoint;
    this.#gone = gone;
    this.#unlisten = endpoint.onGone((error) => {
      for (const each of [...this.#lasting]) each.lost(error);
    });
  }

  get actor(): string {
    this.#open();
    return this.#actor;
  }

  protected override async openImage(image: Uint8Array): Promise<Database> {
    const opened = (await this.#endpoint.call(0, "open", ["memory://", { image }])) as Opened;
    return new RemoteDatabase("memory://", opened, this.#endpoint, () => undefined);
  }

  /** Any method that asks and answers. */
  call(method: CallMethod, args: unknown[]): Promise<unknown> {
    return this.#ask(method, args);
  }

  async *pages(method: RowsMethod, args: unknown[]): AsyncGenerator<unknown, void, undefined> {
    const { answer, release } = this.#keep(method, args);
    const signal = signalIn(args);
    try {
      const target = (await answer) as number;
      try {
        for (;;) {
          signal?.throwIfAborted();
          const { page, done } = (await this.#endpoint.call(target, "next", [])) as { page: unknown[]; done: boolean };
          for (const item of page) {
            signal?.throwIfAborted();
            yield item;
          }
          if (done) return;
        }
      } finally {
        this.#endpoint.note(target, "end");
        this.#endpoint.release(target);
      }
    } catch (error) {
      throw ofSignal(signal, error);
    } finally {
      release();
    }
  }

  async transaction<R>(body: (tx: Transaction) => R | Promise<R>, options: TransactionOptions = {}): Promise<R> {
    return runTransaction(() => this.#begin(options), callback(body, "body"), (work) => {
      this.#inBody = true;
      try {
        return work();
      } finally {
        this.#inBody = false;
      }
    });
  }

  async #begin(options: TransactionOptions): Promise<Steps> {
    const target = (await this.#ask("begin", [options])) as number;
    let ended = false;
    const end = (): void => {
      if (!ended) this.#endpoint.release(target);
      ended = true;
    };
    return {
      step: async (operation, ...parts) => {
        checkStep(operation, parts);
        return this.#endpoint.call(target, "step", [operation, ...parts]);
      },
      commit: async () => {
        await this.#endpoint.call(target, "commit", []);
        end();
      },
      rollback: () => {
        if (!ended) this.#endpoint.note(target, "rollback");
        end();
      },
    };
  }

  live<R = Row>(
    sql: string,
    ...rest: WithListener<Parameters, LiveEvent<R>>
  ): LiveQuery<R> {
    const [params, listener] = withListener(rest);
    return this.#live("live", [sql, params], listener);
  }

  liveSaved<R = Row>(
    name: string,
    ...rest: WithListener<Named, LiveEvent<R>>
  ): LiveQuery<R> {
    const [params, listener] = withListener(rest);
    return this.#live("liveSaved", [name, params], listener);
  }

  liveAnswer<T>(
    ask: (database: Database) => T | Promise<T>,
    listener: (event: AnswerEvent<T>) => void,
  ): LiveAnswer<T> {
    const ended = (): void => void this.#lasting.delete(lasting);
    const answering = new Answering(this, ask, listener, (told) => this.onChange(told), ended);
    const lasting = { stop: () => { answering.stop(); }, lost: () => { answering.look(); } };
    this.#lasting.add(lasting);
    return answering;
  }

  #live<R>(method: string, question: unknown[], listener: (event: LiveEvent<R>) => void): LiveQuery<R> {
    const live = { rows: [] as readonly Row[], listener: listener as (event: LiveEvent<Row>) => void };
    const fail = (error: PluresError): void => {
      if (!handle.stopped) guarded(live.listener, { rows: live.rows, added: [], removed: [], changed: [], moved: [], error });
    };
    const handle = this.#handle(method, [...question, (delta: LiveDelta | null, error: PluresError | null) => {
      if (handle.stopped) return;
      if (delta === null) {
        if (error !== null) fail(error);
        return;
      }
      const event = follow(live.rows, delta as LiveDelta & { added: [number, Row][]; changed: [number, Row][] });
      live.rows = event.rows;
      guarded(live.listener, event);
    }], { lost: fail });
    handle.answer.catch((error: unknown) => { fail(error as PluresError); });
    return {
      get rows() {
        return live.rows as readonly R[];
      },
      stop: handle.stop,
      [Symbol.dispose]: handle.stop,
    };
  }

  onChange(listener: (change: Change) => void): () => void {
    return this.#handle("onChange", [callback(listener, "listener")]).stop;
  }

  onStorage(listener: (state: StorageState) => void): () => void {
    // What was not stored is lost with the worker, and its number with it.
    const lost = ({ message, code }: PluresError): void => { guarded(listener, { unsaved: 0, error: message, code }); };
    return this.#handle("onStorage", [callback(listener, "listener")], { lost }).stop;
  }

  /** Pages ask; workers may only look. */
  async persist(): Promise<boolean> {
    this.#open();
    return new URL(this.url).protocol === "idb:" && persist();
  }

  async search<T extends object = Data>(text: string, options: SearchOptions = {}): Promise<Hits<T>> {
    const { hits, corrected } = (await this.#ask("search", [text, options])) as { hits: Hit<T>[]; corrected: Correction[] };
    return Object.defineProperty(hits, "corrected", { value: corrected });
  }

  keepEmbedded(embedder: Embedder, options: KeepEmbeddedOptions = {}): () => void {
    const lost = (error: PluresError): void => { if (options.onError) guarded(options.onError, error); };
    return this.#handle("keepEmbedded", [embedder, options], { lost }).stop;
  }

  sync(relay: string): SyncHandle {
    checkRelay(relay);
    const statuses = new Listeners<SyncStatus>();
    let status: SyncStatus = { state: "connecting", received: 0, sent: 0, behind: 0, ahead: 0, error: null };
    const tell = (next: SyncStatus): void => {
      status = next;
      statuses.tell(next);
    };
    const lost = (error: PluresError): void => { tell({ ...status, state: "stopped", error: error.message }); };
    const handle = this.#handle("sync", [relay, (next: SyncStatus, actor: string) => {
      this.#actor = actor;
      if (!handle.stopped) tell(next);
    }], { lost, stopped: () => { tell({ ...status, state: "stopped" }); } });
    handle.answer.catch((error: unknown) => { if (!handle.stopped) lost(error as PluresError); });
    return {
      get status() {
        return status;
      },
      onStatus: (listener) => {
        const end = statuses.add(listener);
        listener(status);
        return end;
      },
      settled: async () => {
        if (handle.stopped) throw this.#endpoint.gone ?? new PluresError("stopped", "this sync was stopped");
        await this.#endpoint.call(await handle.answer, "settled", []);
      },
      stop: handle.stop,
      [Symbol.dispose]: handle.stop,
    };
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#unlisten();
    for (const each of [...this.#lasting]) each.stop();
    this.#lasting.clear();
    try {
      // With a worker that has ended, nothing is left to close.
      if (this.#endpoint.gone === null) await this.#endpoint.call(this.#target, "close", []);
    } finally {
      this.#endpoint.release(this.#target);
      this.#gone();
    }
  }

  /** Starts what goes on until it is stopped. */
  #handle(method: string, args: unknown[], told: { lost?: Lasting["lost"]; stopped?: () => void } = {}): Handle {
    this.#open();
    const { answer, release } = this.#keep(method, args);
    const end = (): void => {
      handle.stopped = true;
      this.#lasting.delete(lasting);
      release();
    };
    const stop = (): void => {
      if (handle.stopped) return;
      end();
      handle.answer.then(
        (target) => {
          this.#endpoint.note(target, "stop");
          this.#endpoint.release(target);
        },
        () => undefined,
      );
      told.stopped?.();
    };
    const lost = (error: PluresError): void => {
      told.lost?.(error);
      end();
    };
    const lasting = { stop, lost };
    const handle = { answer: answer as Promise<number>, stop, stopped: false };
    handle.answer.catch(() => undefined);
    this.#lasting.add(lasting);
    return handle;
  }

  #keep(method: string, args: unknown[]): ReturnType<Endpoint["keep"]> {
    this.#open();
    return this.#endpoint.keep(this.#target, method, args);
  }

  async #ask(method: string, args: unknown[]): Promise<unknown> {
    this.#open();
    if (this.#inBody && WRITES.has(method)) {
      throw new PluresError(
        "in-transaction",
        "the database is inside a transaction, whose end this write would wait for; in its callback, use the transaction's own methods",
      );
    }
    checkCall(method, args);
    const signal = signalIn(args);
    signal?.throwIfAborted();
    try {
      return await this.#endpoint.call(this.#target, method, args);
    } catch (error) {
      throw ofSignal(signal, error);
    }
  }

  #open(): void {
    if (this.#closing !== null) throw new PluresError("closed", "this database was closed");
    if (this.#endpoint.gone !== null) throw this.#endpoint.gone;
  }
}

/** What goes on until it is stopped, or is lost with the worker. */
interface Lasting {
  stop: () => void;
  lost: (error: PluresError) => void;
}

/** What goes on in the worker. */
interface Handle {
  answer: Promise<number>;
  stop: () => void;
  stopped: boolean;
}

/** Methods that wait for the end of an open transaction. */
const WRITES = new Set<string>([
  "put", "patch", "delete", "link", "unlink", "increment", "addToSet", "removeFromSet", "editText", "editList",
  "applyUpdate", "defineType", "defineJsonSchema", "undo", "redo", "saveQuery", "removeQuery", "exec", "execScript", "importJsonl", "saveQuery", "removeQuery", "begin",
]);

for (const method of methodsOf("call")) {
  Object.defineProperty(RemoteDatabase.prototype, method, {
    value: function (this: RemoteDatabase, ...args: unknown[]) {
      return this.call(method, args);
    },
  });
}
for (const method of methodsOf("rows")) {
  Object.defineProperty(RemoteDatabase.prototype, method, {
    value: function (this: RemoteDatabase, ...args: unknown[]) {
      return this.pages(method, args);
    },
  });
}

function signalIn(args: unknown[]): AbortSignal | undefined {
  for (const arg of args) {
    if (typeof arg === "object" && arg !== null && "signal" in arg && arg.signal instanceof AbortSignal) return arg.signal;
  }
  return undefined;
}

/** The reason of the signal where that is why: it need not have come across as it was. */
const ofSignal = (signal: AbortSignal | undefined, error: unknown): unknown =>
  signal?.aborted === true && !(error instanceof PluresError) ? signal.reason : error;
