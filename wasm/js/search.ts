/** Options of a search as the core takes them, and its answer. */

import { PluresError } from "./errors.ts";
import { limited } from "./options.ts";
import { CoreSearch } from "../pkg/pluresdb_wasm.js";
import type { Correction, Hit, Hits, SearchOptions } from "./types.ts";

const LIMIT = 20;
const SNIPPET_WORDS = 16;

/** Why a search cannot be made without an embedder. */
export function withoutEmbedder(mode: string): PluresError {
  return mode === "meaning" || mode === "hybrid"
    ? new PluresError("no-embedder", `a search by ${mode} needs an embedder, which makes the vector of its text`)
    : new PluresError("bad-option", `mode: ${JSON.stringify(mode)} is none; give 'words', 'meaning' or 'hybrid'`);
}

/** Runs a search of the core. What was corrected stands beside the hits, and goes with them where they are cloned. */
export function search<T extends object>(options: SearchOptions, run: (how: CoreSearch) => unknown): Hits<T> {
  const { type, limit = LIMIT, typos = true, highlight = false, fields = [] } = options;
  const how = new CoreSearch(type, limited(limit, "limit"), typos);
  try {
    how.within([...fields]);
    if (highlight !== false) {
      const { open = "<mark>", close = "</mark>", words = SNIPPET_WORDS } = highlight === true ? {} : highlight;
      if (!Number.isInteger(words) || words < 1 || words > 64) {
        throw new PluresError("bad-option", `words: a snippet has 1 to 64 words, found ${String(words)}`);
      }
      how.mark(open, close, words);
    }
    const { hits, corrected } = run(how) as { hits: Hit<T>[]; corrected: Correction[] };
    return corrected.length === 0 ? hits : Object.assign(hits, { corrected });
  } finally {
    how.free();
  }
}
