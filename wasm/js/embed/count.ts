/** How far the making of vectors is. Counting looks at all of them, so it is not done after each batch. */

import type { EmbedProgress } from "../types.ts";

/** Counted anew after so large a part of all was made; between, what was made is added up. */
const PART = 32;
/** Or after so long, so that what others write meanwhile counts soon with a slow embedder too. */
const LONGEST_MS = 1_000;

export class Count {
  readonly #count: () => EmbedProgress;
  #known: EmbedProgress | null = null;
  #since = 0;
  #at = 0;

  constructor(count: () => EmbedProgress) {
    this.#count = count;
  }

  /** After so many more vectors were made. What others wrote since the last count is missing. */
  after(more: number): EmbedProgress {
    this.#since += more;
    if (this.#known === null || this.#isOld(this.#known)) return this.exact();
    const { made, pending } = this.#known;
    this.#known = { made: made + more, pending: Math.max(0, pending - more) };
    return { ...this.#known };
  }

  exact(): EmbedProgress {
    this.#known = this.#count();
    this.#since = 0;
    this.#at = performance.now();
    return { ...this.#known };
  }

  #isOld({ made, pending }: EmbedProgress): boolean {
    return this.#since * PART >= made + pending || performance.now() - this.#at >= LONGEST_MS;
  }
}
