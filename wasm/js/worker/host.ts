/** The worker's end: opens databases here and answers for them. */

import type { Named } from "../asked.ts";
import type { LocalDatabase } from "../database.ts";
import type { ModuleSource } from "../module.ts";
import { openHere } from "../open.ts";
import { holdForLife } from "../storage/locks.ts";
import type { LiveEvent, LiveQuery, OpenOptions, Parameters as SqlParameters, SyncStatus } from "../types.ts";
import { type Callable, Endpoint, type Port, ROOT } from "./endpoint.ts";
import { methodsOf } from "./methods.ts";

/** Items of one page at most, and how long gathering them may take. */
const PAGE = 1000;
const PAGE_MS = 15;

type Listener = (...args: unknown[]) => void;

/** What opening gives. */
export interface Opened {
  target: number;
  space: string;
  actor: string;
}

/** What a live query tells across: the rows that came or changed, and the places of the others. */
export interface LiveDelta {
  removed: number[];
  added: [at: number, row: object][];
  changed: [at: number, row: object][];
  moved: [from: number, to: number][];
}

/** What of a worker's global object is used. */
type Scope = Port & Pick<EventTarget, "addEventListener">;

export async function serve(port: Scope): Promise<void> {
  const endpoint: Endpoint = new Endpoint(port, {
    open: async (url: string, options: OpenOptions, locate: ModuleSource): Promise<Opened> => {
      const database = await openHere(url, options, () => locate);
      const target = endpoint.expose(facade(endpoint, database));
      return { target, space: database.space, actor: database.actor };
    },
  });
  // Not by an attribute: not every browser has one.
  port.addEventListener("messageerror", () => { endpoint.note(ROOT, "unread"); });
  // The page learns from this lock that the worker has ended, however it did.
  endpoint.note(ROOT, "started", await holdForLife());
}

function facade(endpoint: Endpoint, database: LocalDatabase): Callable {
  const calls: Callable = {};
  for (const method of methodsOf("call")) {
    calls[method] = (...args: never[]) => (database as unknown as Callable)[method]?.(...args);
  }
  const expose = (object: Callable): number => endpoint.expose(object);
  let closing = false;
  const handles: Callable = {
    status: async () => ({ ...(await database.status()), worker: true }),
    // What stands beside the hits is no part of an array that is sent.
    search: async (...args: Parameters<LocalDatabase["search"]>) => {
      const hits = await database.search(...args);
      return { hits, corrected: hits.corrected };
    },
    rows: (...args: Parameters<LocalDatabase["rows"]>) => expose(pages(database.rows(...args))),
    exportJsonl: (...args: Parameters<LocalDatabase["exportJsonl"]>) => expose(pages(database.exportJsonl(...args))),
    begin: async (options: { durability?: "strict" | "relaxed" }) => {
      const steps = await database.begin(options);
      return expose({
        step: (operation: string, ...parts: unknown[]) => steps.step(operation, ...parts),
        commit: () => steps.commit(),
        rollback: () => { steps.rollback(); },
      });
    },
    live: (sql: string, params: SqlParameters | undefined, listener: Listener) =>
      expose(live(listener, (told) => database.live(sql, params, told))),
    liveSaved: (name: string, params: Named | undefined, listener: Listener) =>
      expose(live(listener, (told) => database.liveSaved(name, params, told))),
    onStorage: (listener: Listener) => expose({ stop: database.onStorage(listener) }),
    onChange: (listener: Listener) => expose({ stop: database.onChange(listener) }),
    keepEmbedded: (...args: Parameters<LocalDatabase["keepEmbedded"]>) =>
      expose({ stop: database.keepEmbedded(...args) }),
    sync: (relay: string, listener: (status: SyncStatus, actor: string) => void) => {
      const session = database.sync(relay);
      let { actor } = database;
      session.onStatus((status) => {
        // A sync that ends with its database still tells so, and a closed database has no actor.
        if (!closing) ({ actor } = database);
        listener(status, actor);
      });
      return expose({ settled: () => session.settled(), stop: () => { session.stop(); } });
    },
    close: () => {
      closing = true;
      return database.close();
    },
  };
  return { ...calls, ...handles };
}

/** Items of an iterable, some at a time. */
function pages(items: AsyncIterable<unknown>): Callable {
  const iterator = items[Symbol.asyncIterator]() as AsyncIterator<unknown, undefined>;
  return {
    next: async () => {
      const page: unknown[] = [];
      const begun = performance.now();
      while (page.length < PAGE && (page.length === 0 || performance.now() - begun < PAGE_MS)) {
        const next = await iterator.next();
        if (next.done === true) return { page, done: true };
        page.push(next.value);
      }
      return { page, done: false };
    },
    end: () => iterator.return?.(),
  };
}

function live(listener: Listener, start: (told: (event: LiveEvent) => void) => LiveQuery): Callable {
  const query = start(({ added, removed, changed, moved, error }) => {
    if (error !== null) {
      listener(null, error);
      return;
    }
    const delta: LiveDelta = {
      removed: removed.map(({ at }) => at),
      added: added.map(({ at, row }) => [at, row]),
      changed: changed.map(({ at, row }) => [at, row]),
      moved: moved.map(({ from, to }) => [from, to]),
    };
    listener(delta, null);
  });
  return { stop: () => { query.stop(); } };
}
