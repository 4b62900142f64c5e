/** The rows of a statement as a table; cells that name a node lead to it. */
import type { ResultTable } from "pluresdb";
import { element } from "./page/dom.ts";
import { hashOf } from "./page/route.ts";

export const ROWS_SHOWN_AT_MOST = 500;

type Cell = ResultTable["rows"][number][number];

/** Columns whose text is taken for the id of a node. */
const ID_COLUMNS = new Set(["id", "source", "target"]);
const BYTES_SHOWN_AT_MOST = 16;

/** Fills the table anew. */
export function drawResult(table: HTMLTableElement, { columns, rows }: ResultTable): void {
  const head = element("tr", {}, ...columns.map((name, index) => drawHead(name, rows[0]?.[index])));
  const body = rows.slice(0, ROWS_SHOWN_AT_MOST).map((row) => {
    return element("tr", {}, ...row.map((cell, index) => drawCell(cell, columns[index] ?? "")));
  });
  table.replaceChildren(element("thead", {}, head), element("tbody", {}, ...body));
}

/** A heading stands where the values below it do. */
function drawHead(name: string, first: Cell | undefined): HTMLTableCellElement {
  return element("th", isNumber(first) ? { scope: "col", class: "number" } : { scope: "col" }, name);
}

const isNumber = (cell: Cell | undefined): cell is number | bigint =>
  typeof cell === "number" || typeof cell === "bigint";

function drawCell(cell: Cell, column: string): HTMLTableCellElement {
  if (cell === null) return element("td", { class: "null" }, "NULL");
  if (isNumber(cell)) return element("td", { class: "number" }, String(cell));
  if (cell instanceof Uint8Array) return element("td", {}, element("code", {}, bytes(cell)));
  if (ID_COLUMNS.has(column)) return element("td", {}, element("a", { href: hashOf(cell) }, cell));
  return element("td", {}, cell);
}

function bytes(blob: Uint8Array): string {
  const shown = Array.from(blob.subarray(0, BYTES_SHOWN_AT_MOST), (byte) => byte.toString(16).padStart(2, "0"));
  const more = blob.length > BYTES_SHOWN_AT_MOST ? `… (${blob.length} bytes)` : "";
  return `x'${shown.join("")}'${more}`;
}
