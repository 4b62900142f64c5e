/** `` db.sql`SELECT ... ${value}` ``: a statement whose values are parameters, never text. */

import { PluresError } from "../errors.ts";
import type { Database, LiveEvent, LiveQuery, Parameter } from "../types.ts";

/** What may stand in a template: a parameter, several of them (`IN ${ids}`, `IN (${ids})`), or another statement. */
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

/** What a tag was given, as a statement and its parameters. */
export function statement(strings: readonly string[], parts: readonly SqlPart[]): { text: string; params: Parameter[] } {
  if (!isTemplate(strings)) {
    throw new PluresError("bad-value", "sql is written before a template, sql`SELECT ...`; a statement in a text is for query or exec");
  }
  let text = strings[0] ?? "";
  const params: Parameter[] = [];
  parts.forEach((part, at) => {
    const next = strings[at + 1] ?? "";
    text += place(part, params, /\(\s*$/.test(text) && /^\s*\)/.test(next)) + next;
  });
  return { text, params };
}

export class Template<Row> implements SqlQuery<Row> {
  readonly text: string;
  readonly params: readonly Parameter[];
  readonly #db: Runner;

  constructor(db: Runner, strings: readonly string[], parts: readonly SqlPart[]) {
    const { text, params } = statement(strings, parts);
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

/** What the engine hands to a tag, and no text: of that the first letter would be the statement. */
function isTemplate(strings: unknown): boolean {
  return Array.isArray(strings) && "raw" in strings;
}

/** `enclosed`: it stands alone between parentheses. */
function place(part: SqlPart, params: Parameter[], enclosed: boolean): string {
  if (part instanceof Template) {
    params.push(...(part.params as Parameter[]));
    return part.text;
  }
  if (!Array.isArray(part)) {
    params.push(part as Parameter);
    return "?";
  }
  params.push(...(part as Parameter[]));
  // SQLite knows the empty list, in which nothing is. A list that holds NULL would make NOT IN true of nothing.
  const places = part.map(() => "?").join(", ");
  return enclosed ? places : `(${places})`;
}
