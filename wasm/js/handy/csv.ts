/**
 * CSV (RFC 4180) of the nodes of one type: a line of names, then a line for each node. The column `id` is the node's; a
 * field that is named so, or as if it were written so, stands behind `data.`.
 *
 * A cell is what it looks like: a number as JavaScript writes it, `true`, `false`, or JSON in brackets or braces; all else
 * is text, `007`, `1.10` and `1e3` too. An empty cell is no field. Texts that look like something else come back as that,
 * so JSON Lines is the format that keeps everything.
 */

import { PluresError } from "../errors.ts";
import type { Database, LongWork, Node, Progress, Value } from "../types.ts";
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
  { onProgress, signal }: LongWork,
): AsyncGenerator<string, void, undefined> {
  const fields = (await fieldColumns(db, type)).map(({ field }) => field);
  // Refused where there is no such type.
  if (fields.length === 0) await db.query(`SELECT id FROM "${type.replaceAll('"', '""')}" LIMIT 0`);
  const progress: Progress = { done: 0, nodes: 0, edges: 0 };
  yield `${["id", ...fields.map(nameOf)].map(cell).join(",")}\r\n`;
  let after: string | undefined;
  for (;;) {
    signal?.throwIfAborted();
    const nodes: Node[] = await db.list({ type, limit: PAGE, ...(after !== undefined && { after }) });
    after = nodes.at(-1)?.id;
    if (after === undefined) return;
    progress.done = progress.nodes += nodes.length;
    onProgress?.({ ...progress });
    yield nodes.map(({ id, data }) => `${[id, ...fields.map((name) => data[name])].map(cell).join(",")}\r\n`).join("");
  }
}

export async function* csvLines(pieces: AsyncIterable<string>, type: string): AsyncGenerator<string, void, undefined> {
  let names: string[] | null = null;
  let written = 0;
  for await (const records of csvRecords(pieces)) {
    let lines = "";
    for (const record of records) {
      const { cells, line } = record;
      if (names === null) names = cells;
      else if (cells.length > 1 || cells[0] !== "") {
        // On the line on which it begins, which is the one that errors name.
        lines += `${"\n".repeat(line - written - 1)}${nodeLine(names, record, type)}\n`;
        written = line;
      }
    }
    if (lines !== "") yield lines;
  }
}

function nodeLine(names: string[], { cells, line }: CsvRecord, type: string): string {
  if (cells.length > names.length) {
    const found = cells.join(",").slice(0, 80);
    throw new PluresError("import", `line ${line}: it has ${cells.length} cells and the first line names ${names.length}: ${found}`);
  }
  let id = "";
  const fields: string[] = [];
  cells.forEach((text, at) => {
    const name = names[at] ?? "";
    if (name === "id") id = text;
    else if (text !== "") fields.push(`${JSON.stringify(fieldOf(name))}:${valueOf(text)}`);
  });
  return `{"id":${JSON.stringify(id === "" ? randomId() : id)},"type":${JSON.stringify(type)},"data":{${fields.join(",")}}}`;
}

/** A cell as JSON. */
function valueOf(text: string): string {
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

/** Whether it is a whole number of 64 bits, written as it would be exported. */
function isWhole(text: string): boolean {
  return /^(0|-?[1-9]\d{0,18})$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text);
}

function cell(value: Value | undefined): string {
  if (value === null || value === undefined) return "";
  const text = typeof value === "string" ? value : json(value);
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** As JSON, with all the digits of whole numbers. */
function json(value: Value): string {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Uint8Array) throw new PluresError("bad-value", "CSV holds no bytes; export JSON Lines");
  if (Array.isArray(value)) return `[${value.map(json).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{${Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}:${json(each)}`).join(",")}}`;
}

/** The cells between two ends of lines, and the line on which they begin. */
interface CsvRecord {
  cells: string[];
  line: number;
}

/** The records of each piece. A record may end in a later piece than it began in. */
async function* csvRecords(pieces: AsyncIterable<string>): AsyncGenerator<CsvRecord[], void, undefined> {
  let records: CsvRecord[] = [];
  let cells: string[] = [];
  let line = 1;
  let firstLine = 1;
  let field = "";
  let quoted = false;
  // A quote inside a quoted cell ends it, or is the first of two that stand for one.
  let closing = false;
  let begun = false;
  let first = true;
  const endField = (): void => {
    cells.push(field);
    field = "";
    begun = false;
  };
  const endRecord = (): void => {
    endField();
    records.push({ cells, line: firstLine });
    cells = [];
    firstLine = line;
  };
  let afterReturn = false;
  for await (const piece of pieces) {
    for (const character of first ? piece.replace(/^\ufeff/, "") : piece) {
      const wasReturn = afterReturn;
      afterReturn = character === "\r";
      // The second half of an end of line is no line of its own.
      const ends = afterReturn || (character === "\n" && !wasReturn);
      if (ends) line += 1;
      if (quoted && !closing) {
        if (character === '"') closing = true;
        else field += character;
        continue;
      }
      if (closing) {
        closing = false;
        if (character === '"') {
          field += '"';
          continue;
        }
        quoted = false;
      }
      if (character === '"' && !begun) {
        quoted = true;
        begun = true;
      } else if (character === ",") endField();
      else if (ends) endRecord();
      else if (character !== "\n") {
        field += character;
        begun = true;
      }
    }
    first &&= piece === "";
    yield records;
    records = [];
  }
  if (quoted && !closing) throw new PluresError("import", `line ${firstLine}: the CSV ends inside a quoted cell`);
  if (field !== "" || cells.length > 0) endRecord();
  yield records;
}

function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
