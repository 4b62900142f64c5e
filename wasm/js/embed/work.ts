/** Makes the vectors that are to be made of texts: in batches, once or whenever something was written. */

import { guarded } from "../listeners.ts";
import type { CoreDatabase } from "../../pkg/pluresdb_wasm.js";
import { PluresError, call } from "../errors.ts";
import { pause } from "../pause.ts";
import { Count } from "./count.ts";
import type { EmbedOptions, EmbedProgress, Embedder, KeepEmbeddedOptions } from "../types.ts";

const BATCH = 64;
/** How long to leave an embedder alone that failed; doubled each time. */
const AFTER_FAILURE_MS = 2_000;
const LONGEST_PAUSE_MS = 5 * 60_000;
/** So many vectors are worth storing at once, since no record holds them. */
const MANY = 500;

/** What the work needs of a database. */
export interface Place {
  core(): CoreDatabase;
  /** Much was written that no record holds. */
  rewritten(): void;
  onChange(listener: () => void): () => void;
}

export async function embedPending(place: Place, embedder: Embedder, options: EmbedOptions): Promise<EmbedProgress> {
  const { model, dimension } = embedder;
  const { batch = BATCH, onProgress, signal } = options;
  const count = new Count(() => call(() => place.core().embedding(model, dimension) as EmbedProgress));
  let unkept = 0;
  try {
    for (;;) {
      signal?.throwIfAborted();
      const pending = call(() => place.core().pendingTexts(model, dimension, batch));
      const texts = pending.texts;
      const vectors = texts.length === 0 ? [] : await embedder.embed(texts);
      // The database may have been closed meanwhile.
      place.core();
      const made = call(() => pending.store(vectors));
      if (made === 0) return count.exact();
      unkept += made;
      if (onProgress) guarded(onProgress, count.after(made));
      await pause();
    }
  } finally {
    if (unkept >= MANY) place.rewritten();
  }
}

/** The vector of a text that is searched for; an empty one where there is nothing to make one of. */
export async function vectorOf(embedder: Embedder, text: string): Promise<Float32Array> {
  const [vector] = await embedder.embed([text]);
  const { model, dimension } = embedder;
  const numbers = Float32Array.from(vector ?? []);
  if (vector && (numbers.length !== dimension || !numbers.every((number) => Number.isFinite(number)))) {
    throw new PluresError("embed-answer", `the embedder ${model} gave no vector of ${dimension} numbers for the text`);
  }
  return numbers;
}

/** Keeps vectors made until it is stopped. */
export class Keeper {
  readonly #place: Place;
  readonly #embedder: Embedder;
  readonly #options: KeepEmbeddedOptions;
  readonly #abort = new AbortController();
  readonly #unlisten: () => void;
  #running = false;
  #again = false;
  #pauseMs = AFTER_FAILURE_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(place: Place, embedder: Embedder, options: KeepEmbeddedOptions) {
    this.#place = place;
    this.#embedder = embedder;
    this.#options = options;
    this.#unlisten = place.onChange(() => { this.#wake(); });
    this.#wake();
  }

  stop(): void {
    this.#unlisten();
    this.#abort.abort();
    clearTimeout(this.#timer);
  }

  #wake(): void {
    if (this.#running || this.#timer !== undefined) {
      this.#again = true;
      return;
    }
    this.#running = true;
    this.#again = false;
    void this.#run();
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    try {
      await embedPending(this.#place, this.#embedder, { ...this.#options, signal });
      this.#pauseMs = AFTER_FAILURE_MS;
    } catch (error) {
      if (signal.aborted) return;
      this.#options.onError?.(error);
      this.#later();
    } finally {
      this.#running = false;
    }
    if (this.#again && !signal.aborted) this.#wake();
  }

  #later(): void {
    this.#again = true;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#wake();
    }, this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
  }
}
