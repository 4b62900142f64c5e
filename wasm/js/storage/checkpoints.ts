/**
 * When checkpoints are taken: once opening would have many records to apply, after work that wrote
 * much, and when nothing has been written for a while. One tab at a time takes one.
 */

import type { CoreStore } from "../../pkg/pluresdb_wasm.js";
import { callAsync } from "../errors.ts";
import { pause } from "../pause.ts";
import { tryHold } from "./locks.ts";
import { type Trouble, troubleOf } from "./trouble.ts";

/** Bytes of records behind the image that are worth a checkpoint: now, and in a quiet moment. */
const MANY = 4 * 1024 * 1024;
const SOME = 64 * 1024;
/** Of a large image, this part: rewriting it often costs more than it saves. */
const PART = 1 / 16;
const QUIET_MS = 3_000;
/** How long to leave storage alone after a checkpoint that failed. */
const AFTER_FAILURE_MS = 60_000;

export class Checkpoints {
  readonly #store: CoreStore;
  readonly #lock: string;
  readonly #changed: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #held = 0;
  #running: Promise<void> | null = null;
  #stopped = false;
  /** By a clock that nobody sets. */
  #notBefore = 0;
  #error: Trouble | null = null;

  /** `changed` is called when the error is another. */
  constructor(store: CoreStore, name: string, changed: () => void) {
    this.#store = store;
    this.#changed = changed;
    this.#lock = `pluresdb:${name}:checkpoint`;
  }

  /** Why the last one failed. The data is safe without it. */
  get error(): Trouble | null {
    return this.#error;
  }

  /** Something was stored. */
  stored(): void {
    if (this.#held > 0) return;
    const { behind, imageBytes } = this.#store;
    if (behind >= Math.max(MANY, imageBytes * PART)) this.#in(0);
    else if (behind >= SOME) this.#in(QUIET_MS);
  }

  /** Takes one when there is a quiet moment. */
  soon(): void {
    this.#in(0);
  }

  /** Takes none while `work` runs, and one after it if it wrote more than a little. */
  async during<R>(work: () => Promise<R>): Promise<R> {
    this.#held += 1;
    try {
      return await work();
    } finally {
      this.#held -= 1;
      // The store is no more once this has stopped.
      if (this.#held === 0 && !this.#stopped && this.#store.behind >= SOME) this.#in(0);
    }
  }

  /** Resolves once nothing is under way any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #in(delay: number): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    const wait = Math.max(delay, this.#notBefore - performance.now());
    this.#timer = setTimeout(() => {
      if (this.#held === 0) this.#running ??= this.#take().finally(() => (this.#running = null));
    }, wait);
  }

  #fails(why: Trouble | null): void {
    const before = this.#error;
    this.#error = why;
    if (before?.message !== why?.message) this.#changed();
  }

  async #take(): Promise<void> {
    await quietMoment();
    // Else another tab is at it.
    const release = await tryHold(this.#lock);
    if (release === null) return;
    try {
      if (!this.#stopped) await callAsync(() => this.#store.checkpoint(pause));
      this.#fails(null);
    } catch (error) {
      const { code, message } = troubleOf(error);
      this.#fails({ code, message: `no checkpoint: ${message}` });
      this.#notBefore = performance.now() + AFTER_FAILURE_MS;
    } finally {
      release();
    }
  }
}

/** When the page has nothing better to do, but within a second. */
function quietMoment(): Promise<void> {
  if (!("requestIdleCallback" in globalThis)) return pause();
  return new Promise((resolve) => {
    requestIdleCallback(
      () => {
        resolve();
      },
      { timeout: 1000 },
    );
  });
}
