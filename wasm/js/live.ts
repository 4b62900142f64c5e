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
  listener: (event: LiveEvent<Row>) => void;
}

export class LiveQueries {
  readonly #core: () => CoreDatabase;
  readonly #all = new Map<number, Live>();
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
    this.#tell();
    const core = this.#core();
    let subscribed;
    try {
      subscribed = call(() => subscribe(core)) as ResultTable & { subscription: number };
    } catch (error) {
      // Told as it is where the engine is in a worker, and the answer comes later.
      guarded(listener as Live["listener"], { rows: [], added: [], removed: [], changed: [], moved: [], error: error as PluresError });
      return { rows: [], stop: () => undefined, [Symbol.dispose]: () => undefined };
    }
    const { subscription, columns, rows } = subscribed;
    const live: Live = {
      rows: rows.map((cells) => object(columns, cells)),
      listener: listener as Live["listener"],
    };
    this.#all.set(subscription, live);
    const first = live.rows.map((row, at) => ({ at, row }));
    guarded(live.listener, { rows: live.rows, added: first, removed: [], changed: [], moved: [], error: null });
    const stop = (): void => {
      if (this.#all.delete(subscription)) call(() => { this.#core().unsubscribe(subscription); });
    };
    return {
      get rows() {
        return live.rows as readonly R[];
      },
      stop,
      [Symbol.dispose]: stop,
    };
  }

  /** Lets listeners be told, once all that runs at the moment has committed. */
  committed(): void {
    if (this.#due || this.#all.size === 0) return;
    this.#due = true;
    queueMicrotask(() => {
      this.#due = false;
      this.#tell();
    });
  }

  /** Nobody is told any more. */
  close(): void {
    this.#all.clear();
  }

  #tell(): void {
    if (this.#all.size === 0) return;
    // A listener that writes comes to be told by a look of its own, later.
    for (const change of call(() => this.#core().takeChanges() as CoreChange[])) {
      const live = this.#all.get(change.subscription);
      if (live === undefined) continue;
      if (change.error !== undefined) {
        const error = fromModule(change.error) as PluresError;
        guarded(live.listener, { rows: live.rows, added: [], removed: [], changed: [], moved: [], error });
        continue;
      }
      const { columns, removed, moved } = change;
      const rows = (some: [at: number, row: Cells][]): [at: number, row: Row][] =>
        some.map(([at, cells]) => [at, object(columns, cells)]);
      const event = follow(live.rows, { removed, moved, added: rows(change.added), changed: rows(change.changed) });
      live.rows = event.rows;
      guarded(live.listener, event);
    }
  }
}

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
