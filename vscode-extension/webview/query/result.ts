/** The rows of a statement as a table that grows a page at a time. */
import type { Cell, Result } from "../../src/query/messages.ts";
import { grouped, plural } from "../../src/text.ts";
import { button, byId, element } from "../shared/dom.ts";

const PAGE = 1000;
/** Columns whose text is taken for the id of a node. */
const ID_COLUMNS = new Set(["id", "source", "target"]);

interface Asks {
  more(run: number, from: number): void;
  openNode(id: string): void;
}

export class ResultView {
  readonly #asks: Asks;
  readonly #scroll = byId("scroll", HTMLDivElement);
  readonly #table = byId("result", HTMLTableElement);
  readonly #rest = byId("rest", HTMLDivElement);
  readonly #note = byId("note", HTMLSpanElement);
  readonly #more = byId("more", HTMLButtonElement);
  #body = element("tbody");
  #result: Result | null = null;
  #drawn = 0;

  constructor(asks: Asks) {
    this.#asks = asks;
    this.#more.addEventListener("click", () => {
      if (this.#result === null) return;
      this.#more.disabled = true;
      asks.more(this.#result.run, this.#drawn);
    });
  }

  get shown(): boolean {
    return this.#result !== null;
  }

  hide(): void {
    this.#result = null;
    this.#scroll.hidden = true;
  }

  show(result: Result): void {
    this.#result = result;
    this.#drawn = 0;
    this.#body = element("tbody");
    const numeric = result.columns.map((_, at) => isNumber(result.rows[0]?.[at] ?? null));
    const head = result.columns.map((name, at) =>
      element("th", { scope: "col", ...(numeric[at] === true ? { class: "number" } : {}) }, name),
    );
    const corner = element("td", { class: "corner", "aria-hidden": "true" });
    const first = element("th", { class: "corner", scope: "col", "aria-label": "Row" });
    this.#table.replaceChildren(element("thead", {}, element("tr", {}, result.columns.length > 0 ? first : corner, ...head)), this.#body);
    this.#scroll.hidden = result.columns.length === 0;
    this.#scroll.scrollTo(0, 0);
    this.append(result.run, result.rows);
  }

  append(run: number, rows: Cell[][]): void {
    const result = this.#result;
    if (result?.run !== run) return;
    this.#body.append(...rows.map((row, at) => this.#row(result.columns, row, this.#drawn + at + 1)));
    this.#drawn += rows.length;
    this.#more.disabled = false;
    const left = result.total - this.#drawn;
    this.#rest.hidden = left === 0;
    this.#note.textContent = `The first ${grouped(this.#drawn)} of ${plural(result.total, "row")} are shown.`;
    this.#more.textContent = `Show ${grouped(Math.min(PAGE, left))} more`;
  }

  #row(columns: string[], row: Cell[], number: number): HTMLTableRowElement {
    const cells = row.map((cell, at) => this.#cell(cell, columns[at] ?? ""));
    return element("tr", {}, element("th", { scope: "row" }, String(number)), ...cells);
  }

  #cell(cell: Cell, column: string): HTMLTableCellElement {
    if (cell === null) return element("td", { class: "null" }, "NULL");
    if (typeof cell === "number") return element("td", { class: "number" }, String(cell));
    if (typeof cell === "string") return element("td", {}, ID_COLUMNS.has(column) ? this.#link(cell) : cell);
    switch (cell.kind) {
      case "integer":
        return element("td", { class: "number" }, cell.digits);
      case "bytes":
        return element("td", { class: "bytes" }, hex(cell.hex, cell.length));
      case "cut":
        return element("td", {}, cell.start, element("span", { class: "cut" }, ` … ${grouped(cell.length)} characters in all`));
    }
  }

  #link(id: string): HTMLButtonElement {
    return button(id, { class: "link", title: "Open the node" }, () => {
      this.#asks.openNode(id);
    });
  }
}

function isNumber(cell: Cell): boolean {
  return typeof cell === "number" || (typeof cell === "object" && cell?.kind === "integer");
}

function hex(digits: string, length: number): string {
  return digits.length < length * 2 ? `x'${digits}'… ${plural(length, "byte")}` : `x'${digits}'`;
}
