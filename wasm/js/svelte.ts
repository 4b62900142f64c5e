/** `pluresdb/svelte`: live queries as stores, which Svelte subscribes to by `$`. Needs nothing of Svelte itself. */

import { type LiveState, LiveStore, type Source } from "./live-store.ts";
import type { Parameters } from "./types.ts";

export type { LiveState, Source };

/** A store of Svelte's: calls back with its value at once and at each change. */
export interface Readable<T> {
  subscribe(run: (value: T) => void): () => void;
}

/**
 * The rows of a read-only statement, kept up to date while somebody subscribes:
 * `const notes = useLiveQuery(db, "SELECT * FROM Note")`, then `{#each $notes.rows as note}`.
 */
export function useLiveQuery<Row = Record<string, unknown>>(
  database: Source,
  sql: string,
  params: Parameters = [],
): Readable<LiveState<Row>> {
  const store = new LiveStore<Row>(database, sql, params);
  return {
    subscribe: (run) => {
      let told: LiveState<Row> | null = null;
      const tell = (): void => {
        if (told === store.state) return;
        told = store.state;
        run(told);
      };
      const end = store.subscribe(tell);
      tell();
      return end;
    },
  };
}
