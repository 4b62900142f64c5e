/** What a panel asks and was answered: the part that lives on while its page is hidden. */
import type { ResultTable } from "pluresdb";
import type { Entry } from "../engine/entry.ts";
import { failureOf, type Failure } from "../engine/failure.ts";
import { page } from "./cells.ts";
import type { Cell, Result } from "./messages.ts";

type Rows = ResultTable["rows"];

export type Outcome = { kind: "result"; result: Result; rows: Rows } | { kind: "failed"; failure: Failure };

export class Session {
  key: string | null;
  sql: string;
  #outcome: Outcome | null = null;
  #run = 0;

  constructor(key: string | null, sql: string) {
    this.key = key;
    this.sql = sql;
  }

  get outcome(): Outcome | null {
    return this.#outcome;
  }

  /** Runs the statement. Gives nothing where another run began meanwhile. */
  async run(entry: Entry | undefined): Promise<Outcome | null> {
    const run = ++this.#run;
    const outcome = await answer(run, this.sql, entry);
    if (run !== this.#run) return null;
    this.#outcome = outcome;
    return outcome;
  }

  /** The rows of the last result from one on; nothing where that was another run's. */
  more(run: number, from: number): Cell[][] {
    const outcome = this.#outcome;
    return outcome?.kind === "result" && outcome.result.run === run ? page(outcome.rows, from) : [];
  }

  markStale(): void {
    if (this.#outcome?.kind === "result") this.#outcome.result.stale = true;
  }

  forget(): void {
    this.#run += 1;
    this.#outcome = null;
  }
}

async function answer(run: number, sql: string, entry: Entry | undefined): Promise<Outcome> {
  if (entry === undefined) return failed("no-database", "Choose a database first.");
  const { state, name } = entry;
  if (state.kind === "failed") return { kind: "failed", failure: state.failure };
  if (state.kind === "opening") return failed("busy", `${name} is being opened; try again.`);
  if (sql.trim() === "") return failed("sql", "There is no statement to run.");
  const start = performance.now();
  try {
    const { columns, rows } = await state.database.table(sql);
    const milliseconds = performance.now() - start;
    const result = { run, columns, rows: page(rows, 0), total: rows.length, milliseconds, stale: false };
    return { kind: "result", result, rows };
  } catch (error) {
    return { kind: "failed", failure: failureOf(error) };
  }
}

function failed(code: string, message: string): Outcome {
  return { kind: "failed", failure: { code, message } };
}
