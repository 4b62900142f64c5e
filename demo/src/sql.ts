/** The SQL box: runs a statement and keeps its result fresh while that is cheap. */
import type { Database } from "pluresdb";
import { toText } from "./node/json.ts";
import { button, byId, setText, showOrHide } from "./page/dom.ts";
import { describe } from "./page/errors.ts";
import { count, milliseconds, plural } from "./page/numbers.ts";
import { ROWS_SHOWN_AT_MOST, drawResult } from "./result-table.ts";
import { EXAMPLES } from "./sql-examples.ts";

/** A statement that took longer is not run again by itself. */
const LIVE_BELOW_MS = 100;

export class SqlBox {
  readonly #db: Database;
  readonly #input = byId("sql-input", HTMLTextAreaElement);
  readonly #run = byId("sql-run", HTMLButtonElement);
  readonly #status = byId("sql-status", HTMLSpanElement);
  readonly #error = byId("sql-error", HTMLParagraphElement);
  readonly #scroll = byId("sql-scroll", HTMLDivElement);
  readonly #table = byId("sql-result", HTMLTableElement);
  /** The statement whose result is on show, and how long it took. */
  #last: { sql: string; took: number } | null = null;
  /** The rows on show as text: the same again are not drawn, which would lose the reader's place. */
  #drawn = "";
  #newest = 0;

  constructor(db: Database) {
    this.#db = db;
    this.#input.value = EXAMPLES[0].sql;
    this.#run.disabled = false;
    this.#run.addEventListener("click", () => void this.#runInput());
    this.#input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      void this.#runInput();
    });
    const runExample = (sql: string): void => {
      this.#input.value = sql;
      void this.#runInput();
    };
    byId("sql-examples", HTMLDivElement).append(
      ...EXAMPLES.map(({ name, sql }) => button(name, { "data-testid": "sql-example" }, () => { runExample(sql); })),
    );
  }

  /** Runs the statement on show again, unless it is a slow one. */
  async refresh(): Promise<void> {
    if (this.#last !== null && this.#last.took < LIVE_BELOW_MS) await this.#execute(this.#last.sql);
  }

  async #runInput(): Promise<void> {
    this.#last = null;
    setText(this.#status, "Running …");
    await painted();
    await this.#execute(this.#input.value);
  }

  async #execute(sql: string): Promise<void> {
    const number = ++this.#newest;
    const start = performance.now();
    try {
      const result = await this.#db.table(sql);
      if (number !== this.#newest) return;
      const took = performance.now() - start;
      this.#last = { sql, took };
      const text = toText([result.columns, ...result.rows.slice(0, ROWS_SHOWN_AT_MOST)]);
      if (text !== this.#drawn) drawResult(this.#table, result);
      this.#drawn = text;
      showOrHide(this.#error, null);
      this.#scroll.hidden = false;
      setText(this.#status, said(result.rows.length, took));
    } catch (error) {
      if (number !== this.#newest) return;
      this.#last = null;
      this.#scroll.hidden = true;
      setText(this.#status, "");
      showOrHide(this.#error, describe(error));
    }
  }
}

function said(rows: number, took: number): string {
  const hidden = rows - ROWS_SHOWN_AT_MOST;
  const more = hidden > 0 ? `, ${count(hidden)} more than the ${ROWS_SHOWN_AT_MOST} shown` : "";
  const live = took < LIVE_BELOW_MS ? "kept fresh" : "too slow to be kept fresh, run it again for news";
  return `${plural(rows, "row")}${more}, in ${milliseconds(took)} · ${live}`;
}

/** Lets the browser draw before work that may hold the page up. */
function painted(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));
}
