/**
 * An array of JSON as JSON Lines. Its elements are cut out and not parsed, so that whole numbers keep all their
 * digits and no more than one element need be in memory. Each goes on the line on which it begins, so that errors
 * name that; of several that begin on one line, each goes on a line of its own.
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
  /** The line that is being read, the one on which the element began, and the last one that was written; from 1. */
  #line = 1;
  #begun: number | null = null;
  #written = 0;

  /** The elements that end in a piece, each as a line. */
  take(piece: string): string {
    let lines = "";
    let from = 0;
    for (let at = 0; at < piece.length; at += 1) {
      const character = piece[at];
      if (character === "\n") this.#line += 1;
      if (this.#inText) {
        if (this.#escaped) this.#escaped = false;
        else if (character === "\\") this.#escaped = true;
        else if (character === '"') this.#inText = false;
        continue;
      }
      if (this.#depth === 1 && character !== "," && !/\s/.test(character ?? "")) this.#begun ??= this.#line;
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
    const between = Math.max((this.#begun ?? 0) - this.#written - 1, 0);
    this.#element = "";
    this.#begun = null;
    if (element === "") return "";
    this.#written += between + 1;
    return `${"\n".repeat(between)}${element}\n`;
  }
}

const noArray = (): PluresError =>
  new PluresError("import", "the JSON is no whole array of nodes and edges: [{\"id\": ..., \"type\": ..., \"data\": {...}}, ...]");
