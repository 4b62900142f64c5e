/**
 * The records of a CSV (RFC 4180), whose pieces may end anywhere. A line ends with CR, LF or both. Quotes stand around a
 * whole cell or are letters of it: what follows a closing quote would be lost or taken for something else, and is an error.
 */

import { PluresError } from "../errors.ts";

/** The cells between two ends of lines, and the line on which they begin. */
export interface CsvRecord {
  /** Null where nothing stands, not even quotes. */
  cells: (string | null)[];
  line: number;
}

/** The records of each piece. A record may end in a later piece than it began in. */
export async function* csvRecords(
  pieces: AsyncIterable<string>,
  separator: string,
): AsyncGenerator<CsvRecord[], void, undefined> {
  let records: CsvRecord[] = [];
  let cells: CsvRecord["cells"] = [];
  let line = 1;
  let firstLine = 1;
  let field = "";
  let quoted = false;
  // A quote inside a quoted cell ends it, or is the first of two that stand for one.
  let closing = false;
  let closed = false;
  let begun = false;
  let first = true;
  const endField = (): void => {
    cells.push(begun ? field : null);
    field = "";
    begun = closed = false;
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
        closed = true;
      }
      if (character === separator) endField();
      else if (ends) endRecord();
      else if (character === '"' && !begun) quoted = begun = true;
      else if (character !== "\n" && !(closed && (character === " " || character === "\t"))) {
        if (closed) throw new PluresError("import", `line ${line}: ${JSON.stringify(character)} follows a closing quote; a quote inside a quoted cell is written as two`);
        field += character;
        begun = true;
      }
    }
    first &&= piece === "";
    yield records;
    records = [];
  }
  if (quoted && !closing) throw new PluresError("import", `line ${firstLine}: the CSV ends inside a quoted cell`);
  if (begun || cells.length > 0) endRecord();
  yield records;
}
