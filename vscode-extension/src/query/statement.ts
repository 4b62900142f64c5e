/** Statements that are written for the user. */
import type { Overview } from "../engine/overview.ts";

/** What can be selected from. */
export function tablesOf(overview: Overview): string[] {
  return ["nodes", "edges", ...overview.types.map(({ name }) => name).filter(hasView)];
}

/** The first nodes of a type. A type whose name is taken has no view and is read from `nodes`. */
export function selectFrom(table: string): string {
  return `SELECT * FROM ${identifier(table)} LIMIT 100`;
}

export function selectType(type: string): string {
  return hasView(type) ? selectFrom(type) : `SELECT * FROM nodes WHERE type = '${type.replace(/'/g, "''")}' LIMIT 100`;
}

export const FIRST_STATEMENT = "SELECT type, count(*) AS nodes\nFROM nodes\nGROUP BY type\nORDER BY nodes DESC";

const PLAIN = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** SQLite takes these for keywords where a table is expected; quoting more than needed does no harm. */
const KEYWORDS = /^(group|order|table|index|where|select|from|values|limit|join|on|as|case|when|then|else|set|to|transaction|default|check|column|references|trigger|view)$/i;

function identifier(name: string): string {
  return PLAIN.test(name) && !KEYWORDS.test(name) ? name : `"${name.replace(/"/g, '""')}"`;
}

function hasView(type: string): boolean {
  return !/^(nodes|edges|sqlite_.*|pdb_.*)$/i.test(type);
}
