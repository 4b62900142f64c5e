/**
 * An array of JSON as JSON Lines. Its elements are cut out and not parsed, so that whole numbers keep all their
 * digits and no more than one element need be in memory.
 */

import { PluresError } from "../errors.ts";

export async function* jsonLines(pieces: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  const cutter = new Cutter();
  for await (const piece of pieces) {
    const lines = cutter.take(piece);
    if (lines !== "") yield lines;
  }
  cutter.end();
}

class Cutter {
  /** Of brackets and braces that are open. */
  #depth = 0;
  #inText = false;
  #escaped = false;
  #element = "";
  #ended = false;

  /** The elements that end in a piece, each as a line. */
  take(piece: string): string {
    let lines = "";
    let from = 0;
    for (let at = 0; at < piece.length; at += 1) {
      const character = piece[at];
      if (this.#inText) {
        if (this.#escaped) this.#escaped = false;
        else if (character === "\\") this.#escaped = true;
        else if (character === '"') this.#inText = false;
        continue;
      }
      if (character === '"') this.#inText = true;
      else if (character === "[" || character === "{") {
        this.#depth += 1;
        if (this.#depth === 1) {
          if (character === "{" || this.#ended) throw noArray();
          from = at + 1;
        }
      } else if (character === "]" || character === "}") {
        this.#depth -= 1;
        if (this.#depth === 0) {
          lines += this.#cut(piece.slice(from, at));
          this.#ended = true;
          from = at + 1;
        }
      } else if (character === "," && this.#depth === 1) {
        lines += this.#cut(piece.slice(from, at));
        from = at + 1;
      } else if (this.#depth === 0 && !/[\s\ufeff]/.test(character ?? "")) throw noArray();
    }
    if (this.#depth > 0) this.#element += piece.slice(from);
    return lines;
  }

  end(): void {
    if (!this.#ended) throw noArray();
  }

  /** An element as a line: ends of lines stand between its values only, where they mean nothing. */
  #cut(rest: string): string {
    const element = (this.#element + rest).replace(/[\r\n]+/g, " ").trim();
    this.#element = "";
    return element === "" ? "" : `${element}\n`;
  }
}

const noArray = (): PluresError =>
  new PluresError("import", "the JSON is no whole array of nodes and edges: [{\"id\": ..., \"type\": ..., \"data\": {...}}, ...]");
