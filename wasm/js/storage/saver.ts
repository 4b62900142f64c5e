/**
 * Makes commits durable, many at once: while one transaction of storage is under way, what is
 * committed meanwhile gathers for the next. What fails is kept and tried again.
 */

import { PluresError } from "../errors.ts";
import type { Durability } from "../types.ts";
import { type Trouble, troubleOf } from "./trouble.ts";

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 30_000;
/** How long what nobody waits for gathers, and how late that may end before it is waited for. */
const GATHER_MS = 10;
const LATE_MS = 20;

export interface Flushing {
  /** Stores everything committed so far; what fails stays to be stored. */
  flush(durability: Durability): Promise<void>;
  unsaved(): number;
  /** The reason why storing fails is another, or none any more. */
  changed(): void;
}

interface Waiting {
  /** The strictest that somebody waits for. */
  durability: Durability;
  promise: Promise<void>;
  resolve(): void;
  reject(error: unknown): void;
}

export class Saver {
  readonly #storage: Flushing;
  #next: Waiting | null = null;
  #running = false;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #soon: ReturnType<typeof setTimeout> | undefined;
  #due = 0;
  #delay = FIRST_RETRY_MS;
  #stopped = false;
  #error: Trouble | null = null;

  constructor(storage: Flushing) {
    this.#storage = storage;
  }

  /** Why storing failed last, until it works again. */
  get error(): Trouble | null {
    return this.#error;
  }

  /** Resolves once everything committed so far is stored. */
  saved(durability: Durability): Promise<void> {
    if (!this.#running && this.#error === null && this.#storage.unsaved() === 0) return Promise.resolve();
    return this.#run(durability);
  }

  /** Stores what is committed in a moment, with what is committed until then. Resolves at once, as a rule. */
  soon(): Promise<void> {
    const now = performance.now();
    if (this.#soon === undefined) {
      this.#due = now + GATHER_MS;
      this.#soon = setTimeout(() => { this.#gathered().catch(() => undefined); }, GATHER_MS);
    }
    // Timers wait for a program that writes without a pause, and in a page that nobody sees.
    return now > this.#due + LATE_MS ? this.#gathered() : Promise.resolve();
  }

  #gathered(): Promise<void> {
    clearTimeout(this.#soon);
    this.#soon = undefined;
    return this.saved("relaxed");
  }

  /** The same as `saved`, also where nothing is to be stored. */
  flushed(): Promise<void> {
    return this.#run("strict");
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#retry);
    clearTimeout(this.#soon);
  }

  #run(durability: Durability): Promise<void> {
    this.#next ??= waiting();
    if (durability === "strict") this.#next.durability = durability;
    const { promise } = this.#next;
    if (!this.#running) void this.#loop();
    return promise;
  }

  async #loop(): Promise<void> {
    this.#running = true;
    clearTimeout(this.#retry);
    // Whatever else is committed in this turn goes along.
    await Promise.resolve();
    while (this.#next !== null) {
      const now = this.#next;
      this.#next = null;
      try {
        await this.#storage.flush(now.durability);
        this.#fails(null);
        this.#delay = FIRST_RETRY_MS;
        now.resolve();
      } catch (error) {
        const why = troubleOf(error);
        this.#fails(why);
        now.reject(error instanceof PluresError ? error : new PluresError("storage", why.message, error));
      }
    }
    this.#running = false;
    if (this.#error !== null) this.#tryLater();
  }

  #fails(why: Trouble | null): void {
    const before = this.#error;
    this.#error = why;
    if (before?.message !== why?.message) this.#storage.changed();
  }

  #tryLater(): void {
    if (this.#stopped) return;
    this.#retry = setTimeout(() => void this.#run("strict"), this.#delay);
    this.#delay = Math.min(this.#delay * 2, LAST_RETRY_MS);
  }
}

function waiting(): Waiting {
  let resolve!: () => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  // Who wants to know has the promise; a retry has nobody to tell, and shows in the status.
  promise.catch(() => undefined);
  return { durability: "relaxed", promise, resolve, reject };
}
