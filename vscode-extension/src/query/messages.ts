/** What the query panel and the extension say to each other. */
import type { Failure } from "../engine/failure.ts";

/** A database the panel can ask. */
export interface Choice {
  key: string;
  name: string;
  /** Names that can be selected from: nodes, edges and each type. */
  tables: string[];
}

/** A value as it is shown. What is too long for a cell is cut, and says how long it was. */
export type Cell =
  | null
  | number
  | string
  | { kind: "integer"; digits: string }
  | { kind: "bytes"; hex: string; length: number }
  | { kind: "cut"; start: string; length: number };

export interface Result {
  /** Which run this belongs to. */
  run: number;
  columns: string[];
  /** The first rows. */
  rows: Cell[][];
  total: number;
  milliseconds: number;
  /** The database has been read anew since. */
  stale: boolean;
}

export type ToPanel =
  | { type: "choices"; choices: Choice[]; selected: string | null }
  | { type: "statement"; sql: string }
  | { type: "running" }
  | { type: "result"; result: Result }
  | { type: "rows"; run: number; rows: Cell[][] }
  | { type: "stale" }
  | { type: "failed"; failure: Failure };

export type FromPanel =
  | { type: "ready" }
  | { type: "select"; key: string }
  /** The statement as it is now, so that it is there again when the panel is. */
  | { type: "edit"; sql: string }
  | { type: "run"; sql: string }
  | { type: "more"; run: number; from: number }
  | { type: "openNode"; id: string };

/** What VS Code keeps of a panel when its window is reloaded. */
export interface Saved {
  key: string | null;
  sql: string;
}

export function isSaved(value: unknown): value is Saved {
  if (typeof value !== "object" || value === null || !("key" in value) || !("sql" in value)) return false;
  return (value.key === null || typeof value.key === "string") && typeof value.sql === "string";
}
