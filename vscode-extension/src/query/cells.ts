/** Rows of a statement as cells that a panel can be sent, a page at a time. */
import type { ResultTable } from "pluresdb";
import type { Cell } from "./messages.ts";

/** Rows that are sent and drawn at once. */
export const PAGE = 1000;
const LONGEST_TEXT = 2000;
const MOST_BYTES = 32;

type Row = ResultTable["rows"][number];

export function page(rows: Row[], from: number): Cell[][] {
  return rows.slice(from, from + PAGE).map((row) => row.map(cell));
}

function cell(value: Row[number]): Cell {
  if (typeof value === "bigint") return { kind: "integer", digits: value.toString() };
  if (value instanceof Uint8Array) {
    const hex = Array.from(value.subarray(0, MOST_BYTES), (byte) => byte.toString(16).padStart(2, "0")).join("");
    return { kind: "bytes", hex, length: value.length };
  }
  if (typeof value === "string" && value.length > LONGEST_TEXT) {
    return { kind: "cut", start: value.slice(0, LONGEST_TEXT), length: value.length };
  }
  return value;
}
