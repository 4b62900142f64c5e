/** A live query as a store: a state, and those who want to hear of a new one. For what draws pages. */

import type { Database, LiveEvent, LiveQuery, Parameters } from "./types.ts";

/** What a live query has found. */
export interface LiveState<Row> {
  /** All rows; none before the first answer. A row that did not change is the same object as before. */
  rows: readonly Row[];
  /** Why the statement does not run, while it does not. */
  error: Error | null;
  /** Before the first answer. */
  loading: boolean;
}

/** A database, or one that is being opened; nothing while there is none. */
export type Source = Database | Promise<Database> | null | undefined;

/** Asks while somebody listens. */
export class LiveStore<Row> {
  readonly #source: Source;
  readonly #sql: string;
  readonly #params: Parameters;
  readonly #listeners = new Set<() => void>();
  #query: LiveQuery<Row> | null = null;
  #round = 0;
  #state: LiveState<Row> = { rows: [], error: null, loading: true };

  constructor(source: Source, sql: string, params: Parameters) {
    this.#source = source;
    // Told to those who subscribe. On a server nobody does, and an error that nobody takes ends it.
    if (source && "then" in source) source.then(undefined, () => undefined);
    this.#sql = sql;
    this.#params = params;
  }

  get state(): LiveState<Row> {
    return this.#state;
  }

  /** Calls back after each change, until what it gives is called. */
  subscribe(listener: () => void): () => void {
    // The same function twice is two listeners.
    const own = (): void => { listener(); };
    this.#listeners.add(own);
    if (this.#listeners.size === 1) this.#start();
    return () => {
      if (this.#listeners.delete(own) && this.#listeners.size === 0) this.#stop();
    };
  }

  #start(): void {
    this.#round += 1;
    const round = this.#round;
    const source = this.#source;
    if (!source) return;
    if ("then" in source) {
      source.then(
        (database) => { if (round === this.#round) this.#ask(database, round); },
        (error: unknown) => { if (round === this.#round) this.#fail(error); },
      );
    } else {
      this.#ask(source, round);
    }
  }

  #ask(database: Database, round: number): void {
    try {
      const query = database.live<Row>(this.#sql, this.#params, ({ rows, error }: LiveEvent<Row>) => {
        if (round === this.#round) this.#tell({ rows, error, loading: false });
      });
      // The first answer may have been the last one wanted.
      if (round === this.#round) this.#query = query;
      else query.stop();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#tell({ rows: [], error: error instanceof Error ? error : new Error(String(error)), loading: false });
  }

  #stop(): void {
    this.#round += 1;
    try {
      this.#query?.stop();
    } catch {
      // Of a database that was closed; it is stopped.
    }
    this.#query = null;
  }

  #tell(state: LiveState<Row>): void {
    this.#state = state;
    for (const listener of [...this.#listeners]) listener();
  }
}
