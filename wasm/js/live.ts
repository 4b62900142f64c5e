/** Live queries: keeps each one's rows as objects, and tells its listener what a commit changed. */

import type { CoreDatabase } from "../pkg/pluresdb_wasm.js";
import { PluresError, call, fromModule } from "./errors.ts";
import { guarded } from "./listeners.ts";
import type { LiveEvent, LiveQuery, ResultTable } from "./types.ts";

type Cells = ResultTable["rows"][number];
type Row = Record<string, unknown>;

interface CoreChange {
  subscription: number;
  columns: string[];
  removed: number[];
  added: [at: number, row: Cells][];
  changed: [at: number, row: Cells][];
  moved: [from: number, to: number][];
  error?: unknown;
}

interface Live {
  rows: readonly Row[];
  readonly listener: (event: LiveEvent<Row>) => void;
  readonly subscribe: (core: CoreDatabase) => unknown;
  /** Its number in the module; null while its statement does not run there. */
  subscription: number | null;
  /** Why not, as the listener was told last. */
  failure: string | null;
  stopped: boolean;
}

export class LiveQueries {
  readonly #core: () => CoreDatabase;
  readonly #all = new Map<number, Live>();
  /** Those whose statement does not run, and may once something is written: a type has no table before its first node. */
  readonly #waiting = new Set<Live>();
  /** What is yet to be told, in the order in which it came. */
  readonly #untold: (() => void)[] = [];
  #telling = false;
  #due = false;

  /** `core` gives the module's database, or throws when it was closed. */
  constructor(core: () => CoreDatabase) {
    this.#core = core;
  }

  /** `subscribe` asks the module for rows and the number of the subscription. */
  start<R>(
    subscribe: (core: CoreDatabase) => unknown,
    listener: (event: LiveEvent<R>) => void,
  ): LiveQuery<R> {
    // Others are told first of what they would else hear of together with what this one brings.
    this.#take();
    this.#core();
    const live: Live = {
      rows: [],
      listener: listener as Live["listener"],
      subscribe,
      subscription: null,
      failure: null,
      stopped: false,
    };
    this.#begin(live);
    this.#tell();
    const stop = (): void => { this.#stop(live); };
    return {
      get rows() {
        return live.rows as readonly R[];
      },
      stop,
      [Symbol.dispose]: stop,
    };
  }

  #begin(live: Live): void {
    const core = this.#core();
    try {
      const { subscription, columns, rows } = call(() => live.subscribe(core)) as ResultTable & { subscription: number };
      this.#waiting.delete(live);
      live.subscription = subscription;
      live.rows = rows.map((cells) => object(columns, cells));
      this.#all.set(subscription, live);
      this.#untold.push(() => {
        const added = live.rows.map((row, at) => ({ at, row }));
        if (!live.stopped) guarded(live.listener, { ...nothing(live.rows), added });
      });
    } catch (error) {
      if (mayRunLater(error)) this.#waiting.add(live);
      else this.#waiting.delete(live);
      const failure = String(error);
      if (live.failure === failure) return;
      live.failure = failure;
      // Told as it is where the engine is in a worker, and the answer comes later.
      this.#untold.push(() => {
        if (!live.stopped) guarded(live.listener, { ...nothing([]), error: error as PluresError });
      });
    }
  }

  #stop(live: Live): void {
    live.stopped = true;
    this.#waiting.delete(live);
    const { subscription } = live;
    if (subscription !== null && this.#all.delete(subscription)) call(() => { this.#core().unsubscribe(subscription); });
  }

  /** Lets listeners be told, once all that runs at the moment has committed. */
  committed(): void {
    if (this.#due || this.#all.size + this.#waiting.size === 0) return;
    this.#due = true;
    queueMicrotask(() => {
      this.#due = false;
      this.#take();
      for (const live of [...this.#waiting]) this.#begin(live);
      this.#tell();
    });
  }

  /** Nobody is told any more. */
  close(): void {
    this.#all.clear();
    this.#waiting.clear();
    this.#untold.length = 0;
  }

  /** What the module has noticed is to be told, behind what is to be told already. */
  #take(): void {
    if (this.#all.size === 0) return;
    for (const change of call(() => this.#core().takeChanges() as CoreChange[])) {
      this.#untold.push(() => {
        const live = this.#all.get(change.subscription);
        if (live !== undefined) told(live, change);
      });
    }
  }

  /** Not while a listener still runs, which may write and subscribe: it would go on with rows of a time gone by. */
  #tell(): void {
    if (this.#telling) return;
    this.#telling = true;
    try {
      for (let next = this.#untold.shift(); next !== undefined; next = this.#untold.shift()) next();
    } finally {
      this.#telling = false;
    }
  }
}

function told(live: Live, change: CoreChange): void {
  if (change.error !== undefined) {
    guarded(live.listener, { ...nothing(live.rows), error: fromModule(change.error) as PluresError });
    return;
  }
  const { columns, removed, moved } = change;
  const rows = (some: [at: number, row: Cells][]): [at: number, row: Row][] =>
    some.map(([at, cells]) => [at, object(columns, cells)]);
  const event = follow(live.rows, { removed, moved, added: rows(change.added), changed: rows(change.changed) });
  live.rows = event.rows;
  guarded(live.listener, event);
}

/** Whether a commit may let the statement run: not one that would write, nor what was handed over wrongly. */
const mayRunLater = (error: unknown): boolean =>
  error instanceof PluresError && error.code !== "sql-read-only" && !error.code.startsWith("bad-");

/** An event that says nothing new of these rows. */
const nothing = (rows: readonly Row[]): LiveEvent<Row> => ({ rows, added: [], removed: [], changed: [], moved: [], error: null });

/** How rows changed, by their places. */
export interface RowChange {
  removed: number[];
  added: [at: number, row: Row][];
  changed: [at: number, row: Row][];
  moved: [from: number, to: number][];
}

/** The rows after a change. Rows that did not change are the same objects as before. */
export function follow(before: readonly Row[], change: RowChange): LiveEvent<Row> {
  const kept: (Row | undefined)[] = [...before];
  const take = (at: number): Row => {
    const row = kept[at];
    if (row === undefined) throw new PluresError("internal", `a live query has no row ${at} to take`);
    kept[at] = undefined;
    return row;
  };
  const removed = change.removed.map((at) => ({ at, row: take(at) }));
  const moved = change.moved.map(([from, to]) => ({ from, to, row: take(from) }));
  const added = change.added.map(([at, row]) => ({ at, row }));
  const come = [...added, ...moved.map(({ to, row }) => ({ at: to, row }))].sort((a, b) => a.at - b.at);
  const stayed = kept.filter((row) => row !== undefined);
  const rows: Row[] = [];
  let next = 0;
  for (const { at, row } of come) {
    while (rows.length < at) {
      const old = stayed[next++];
      if (old === undefined) break;
      rows.push(old);
    }
    rows.push(row);
  }
  rows.push(...stayed.slice(next));
  const changed = change.changed.map(([at, row]) => {
    const old = rows[at];
    rows[at] = row;
    return { at, row, old };
  }) as LiveEvent<Row>["changed"];
  return { rows, added, removed, changed, moved, error: null };
}

function object(columns: readonly string[], cells: Cells): Row {
  return Object.fromEntries(columns.map((name, at) => [name, cells[at]]));
}
