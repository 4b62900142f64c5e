/** What a database is at a glance: read once at each opening. */
import type { Database, DatabaseStatus } from "pluresdb";

export interface Count {
  name: string;
  count: number;
}

export interface Overview {
  status: DatabaseStatus;
  /** Types in alphabetical order. */
  types: Count[];
}

const TYPES = "SELECT type, count(*) FROM nodes GROUP BY type ORDER BY type";
const LABELS = "SELECT label, count(*) FROM edges GROUP BY label ORDER BY count(*) DESC, label";

export async function readOverview(database: Pick<Database, "status" | "table">): Promise<Overview> {
  return { status: await database.status(), types: await counts(database, TYPES) };
}

/** Edges by label, the most frequent first. Reads every edge. */
export function readLabels(database: Pick<Database, "table">): Promise<Count[]> {
  return counts(database, LABELS);
}

/** Runs a statement that gives a name and a count in each row. */
export async function counts(database: Pick<Database, "table">, sql: string, params: string[] = []): Promise<Count[]> {
  const { rows } = await database.table(sql, params);
  return rows.map(([name, count]) => ({ name: textOf(name), count: Number(count) }));
}

function textOf(cell: unknown): string {
  return typeof cell === "string" ? cell : "";
}
