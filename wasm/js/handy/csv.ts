/**
 * CSV (RFC 4180) of the nodes of one type: a line of names, then a line for each node. The column `id` is the node's; a
 * field that is named so, or as if it were written so, stands behind `data.`.
 *
 * A cell of a field that the type declares a text is that text. Any other is what it looks like: a number as JavaScript
 * writes it, `true`, `false`, or JSON in brackets or braces; all else is text, `007`, `1.10` and `1e3` too. An empty cell
 * is no field; a text in which there is nothing has quotes. Texts that nobody declared and that look like something else
 * come back as that, so JSON Lines is the format that keeps everything.
 */

import { guarded } from "../listeners.ts";
import { PluresError } from "../errors.ts";
import type { FieldDefinition } from "../type-definitions.ts";
import type { Database, LongWork, Node, Progress, Value } from "../types.ts";
import { type CsvRecord, csvRecords } from "./csv-records.ts";
import { fieldColumns } from "./fields.ts";

/** Nodes of a piece. */
const PAGE = 500;
/** Before the name of a field that could not stand for itself. */
const OF_DATA = "data.";

const nameOf = (field: string): string => (field === "id" || field.startsWith(OF_DATA) ? OF_DATA + field : field);
const fieldOf = (name: string): string => (name.startsWith(OF_DATA) ? name.slice(OF_DATA.length) : name);

export async function* csvPieces(
  db: Pick<Database, "list" | "query" | "types">,
  type: string,
  separator: string,
  { onProgress, signal }: LongWork,
): AsyncGenerator<string, void, undefined> {
  const line = (values: (Value | undefined)[]): string => `${values.map((value) => cell(value, separator)).join(separator)}\r\n`;
  signal?.throwIfAborted();
  const fields = (await fieldColumns(db, type)).map(({ field }) => field);
  // Refused where there is no such type.
  if (fields.length === 0) await db.query(`SELECT id FROM "${type.replaceAll('"', '""')}" LIMIT 0`);
  const [all] = await db.query<{ nodes: number }>("SELECT count(*) AS nodes FROM nodes WHERE type = ?", [type]);
  const progress: Progress = { done: 0, nodes: 0, edges: 0, ...(all && { total: all.nodes }) };
  yield line(["id", ...fields.map(nameOf)]);
  let after: string | undefined;
  for (;;) {
    signal?.throwIfAborted();
    const nodes: Node[] = await db.list({ type, limit: PAGE, ...(after !== undefined && { after }) });
    after = nodes.at(-1)?.id;
    if (after === undefined) return;
    progress.done = progress.nodes += nodes.length;
    if (onProgress) guarded(onProgress, { ...progress });
    yield nodes.map(({ id, data }) => line([id, ...fields.map((name) => data[name])])).join("");
  }
}

/** The lines of nodes. Without a `separator` it is a comma, which a first line of one name with others in it speaks against. */
export async function* csvLines(
  pieces: AsyncIterable<string>,
  db: Pick<Database, "types">,
  type: string,
  separator: string | undefined,
): AsyncGenerator<string, void, undefined> {
  const declared = await declaredFields(db, type);
  let names: string[] | null = null;
  let written = 0;
  for await (const records of csvRecords(pieces, separator ?? ",")) {
    let lines = "";
    for (const record of records) {
      const { cells, line } = record;
      if (names === null) names = namesOf(record, separator);
      else if (cells.length > 1 || cells[0] !== null) {
        // On the line on which it begins, which is the one that errors name.
        lines += `${"\n".repeat(line - written - 1)}${nodeLine(names, record, type, declared)}\n`;
        written = line;
      }
    }
    if (lines !== "") yield lines;
  }
}

/** Definitions by the names that a column may have. */
async function declaredFields(db: Pick<Database, "types">, type: string): Promise<Map<string, FieldDefinition>> {
  const definition = (await db.types()).find(({ name }) => name === type);
  const fields = Object.entries(definition?.fields ?? {});
  return new Map(fields.flatMap(([name, field]) => [name, ...(field.renamed_from ?? [])].map((each) => [each, field] as const)));
}

function namesOf({ cells, line }: CsvRecord, separator: string | undefined): string[] {
  const names = cells.map((name) => name ?? "");
  const twice = names.find((name, at) => names.indexOf(name) < at);
  if (twice !== undefined) throw new PluresError("import", `line ${line}: two columns are named ${JSON.stringify(twice)}`);
  const other = separator === undefined && names.length === 1 ? /[;\t|]/.exec(names[0] ?? "") : null;
  if (other !== null) {
    const shown = JSON.stringify(other[0]);
    throw new PluresError("import", `line ${line}: there is one column, ${JSON.stringify(names[0])}; say \`separator: ${shown}\`, or "," where it is one`);
  }
  return names;
}

function nodeLine(names: string[], { cells, line }: CsvRecord, type: string, declared: Map<string, FieldDefinition>): string {
  if (cells.length > names.length) {
    const found = cells.join(",").slice(0, 80);
    throw new PluresError("import", `line ${line}: it has ${cells.length} cells and the first line names ${names.length}: ${found}`);
  }
  let id = "";
  const fields: string[] = [];
  cells.forEach((text, at) => {
    const name = names[at] ?? "";
    if (name === "id") id = text ?? "";
    else if (text !== null) {
      const field = fieldOf(name);
      const value = valueOf(text, declared.get(field));
      if (value !== null) fields.push(`${JSON.stringify(field)}:${value}`);
    }
  });
  return `{"id":${JSON.stringify(id === "" ? randomId() : id)},"type":${JSON.stringify(type)},"data":{${fields.join(",")}}}`;
}

/** A cell as JSON; null where it is no field. */
function valueOf(text: string, field: FieldDefinition | undefined): string | null {
  if (field?.kind === "text" || field?.type === "string" || field?.enum?.includes(text)) return JSON.stringify(text);
  if (text === "") return mayBeText(field) ? '""' : null;
  if (text === "true" || text === "false") return text;
  if (isWhole(text)) return text;
  // JSON Lines take no whole number beyond 64 bits without a point.
  if (Number.isFinite(Number(text)) && String(Number(text)) === text) return /[.e]/.test(text) ? text : `${text}.0`;
  if (/^[[{]/.test(text)) {
    try {
      JSON.parse(text);
      return text.replace(/[\r\n]+/g, " ");
    } catch {
      // Text that begins with a bracket.
    }
  }
  return JSON.stringify(text);
}

/** Whether nobody has declared that the field holds something else. */
function mayBeText({ kind = "value", type = "any" }: FieldDefinition = {}): boolean {
  return kind === "value" && type === "any";
}

/** Whether it is a whole number of 64 bits, written as it would be exported. */
function isWhole(text: string): boolean {
  return /^(0|-?[1-9]\d{0,18})$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text);
}

function cell(value: Value | undefined, separator: string): string {
  if (value === null || value === undefined) return "";
  const text = typeof value === "string" ? value : json(value);
  return text.includes(separator) || /["\r\n]|^\s|\s$|^$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** As JSON, with all the digits of whole numbers. */
function json(value: Value): string {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Uint8Array) throw new PluresError("bad-value", "CSV holds no bytes; export JSON Lines");
  if (Array.isArray(value)) return `[${value.map(json).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{${Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}:${json(each)}`).join(",")}}`;
}

function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
