/** Statements of SQL, their limits, and rows as objects. */

import type { CoreDatabase } from "../pkg/pluresdb_wasm.js";
import { call } from "./errors.ts";
import { pause } from "./pause.ts";
import { text } from "./text.ts";
import type { Executed, Parameters, QueryOptions, ResultTable, RowsOptions } from "./types.ts";

const PAGE = 1000;

type Limits = [number | undefined, number | undefined, number | undefined];

/** A statement as the module gives it back. */
export interface Done extends ResultTable {
  changes: number;
}

export function selectTable(
  core: CoreDatabase,
  sql: string,
  params?: Parameters,
  options?: QueryOptions,
): ResultTable {
  return core.select(text(sql, "sql"), params, ...limits(options)) as ResultTable;
}

/**
 * The rows of a statement as it finds them when the first one is asked for: writes in between do not show. Each page is
 * read when it is asked for.
 */
export async function* eachRow<Row>(
  open: () => CoreDatabase,
  sql: string,
  params?: Parameters,
  options: RowsOptions = {},
): AsyncGenerator<Row, void, undefined> {
  const rows = call(() => open().rows(text(sql, "sql"), params, ...limits(options)));
  try {
    while (!rows.done) {
      yield* rowObjects<Row>(call(() => rows.next(options.page ?? PAGE)) as ResultTable);
      await pause();
      options.signal?.throwIfAborted();
    }
  } finally {
    rows.free();
  }
}

export function execute<Row>(
  core: CoreDatabase,
  sql: string,
  params?: Parameters,
  options?: QueryOptions,
): Executed<Row> {
  return result<Row>(core.exec(text(sql, "sql"), params, ...limits(options)) as Done);
}

export function executeScript(
  core: CoreDatabase,
  sql: string,
  params?: Parameters,
  options?: QueryOptions,
): Executed[] {
  const done = core.execScript(text(sql, "sql"), params, ...limits(options)) as Done[];
  return done.map((each) => result(each));
}

/** What a statement gave, its rows as objects. */
export function result<Row = Record<string, unknown>>(done: Done): Executed<Row> {
  return { changes: done.changes, rows: rowObjects<Row>(done) };
}

/** Rows as objects by column name. */
export function rowObjects<Row>({ columns, rows }: ResultTable): Row[] {
  // Setting a property of this name would set the prototype.
  if (columns.includes("__proto__")) {
    return rows.map((row) => Object.fromEntries(columns.map((name, at) => [name, row[at]])) as Row);
  }
  return rows.map((row) => {
    const object: Record<string, unknown> = {};
    columns.forEach((name, at) => { object[name] = row[at]; });
    return object as Row;
  });
}

/** A statement runs in one go on this thread, so a signal counts before it. */
function limits({ timeMs, maxRows, maxBytes, signal }: QueryOptions = {}): Limits {
  signal?.throwIfAborted();
  return [timeMs, maxRows, maxBytes];
}
