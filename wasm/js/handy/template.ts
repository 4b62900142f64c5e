/** `` db.sql`SELECT ... ${value}` ``: a statement whose values are parameters, never text. */

import type { Database, LiveEvent, LiveQuery, Parameter } from "../types.ts";

/** What may stand in a template: a parameter, several of them (`IN (${ids})` without the parentheses), or another statement. */
export type SqlPart = Parameter | readonly Parameter[] | SqlQuery<unknown>;

/** A statement that runs when it is awaited. */
export interface SqlQuery<Row = Record<string, unknown>> extends PromiseLike<Row[]> {
  /** The statement, with `?` in the places of its values. */
  readonly text: string;
  readonly params: readonly Parameter[];
  /** Its first row; undefined where there is none. */
  first(): Promise<Row | undefined>;
  /** Its rows one by one; the statement must only read. */
  rows(): AsyncIterable<Row>;
  /** Keeps its rows up to date, as `db.live` does. */
  live(listener: (event: LiveEvent<Row>) => void): LiveQuery<Row>;
}

type Runner = Pick<Database, "query" | "exec" | "rows" | "live">;

export class Template<Row> implements SqlQuery<Row> {
  readonly text: string;
  readonly params: readonly Parameter[];
  readonly #db: Runner;

  constructor(db: Runner, strings: readonly string[], parts: readonly SqlPart[]) {
    let text = strings[0] ?? "";
    const params: Parameter[] = [];
    parts.forEach((part, at) => {
      text += place(part, params) + (strings[at + 1] ?? "");
    });
    this.#db = db;
    this.text = text;
    this.params = params;
  }

  then<A = Row[], B = never>(
    onResolved?: ((rows: Row[]) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#run().then(onResolved, onRejected);
  }

  async first(): Promise<Row | undefined> {
    return (await this.#run())[0];
  }

  rows(): AsyncIterable<Row> {
    return this.#db.rows<Row>(this.text, this.params);
  }

  live(listener: (event: LiveEvent<Row>) => void): LiveQuery<Row> {
    return this.#db.live<Row>(this.text, this.params, listener);
  }

  async #run(): Promise<Row[]> {
    // What surely reads waits for no transaction, and for no storage.
    if (/^\s*(select|values)\b/i.test(this.text)) return this.#db.query<Row>(this.text, this.params);
    return (await this.#db.exec<Row>(this.text, this.params)).rows;
  }
}

function place(part: SqlPart, params: Parameter[]): string {
  if (part instanceof Template) {
    params.push(...(part.params as Parameter[]));
    return part.text;
  }
  if (!Array.isArray(part)) {
    params.push(part as Parameter);
    return "?";
  }
  params.push(...(part as Parameter[]));
  // Nothing is in (NULL), as nothing is in an empty list.
  return part.length === 0 ? "(NULL)" : `(${part.map(() => "?").join(", ")})`;
}
