/** Live answers: any question to the database, asked again after commits and told where its answer changed. */

import { PluresError } from "./errors.ts";
import { guarded } from "./listeners.ts";
import { callback } from "./options.ts";
import type { AnswerEvent, Change, Database, LiveAnswer } from "./types.ts";

export class Answering<T> implements LiveAnswer<T> {
  readonly #ask: () => T | Promise<T>;
  readonly #listener: (event: AnswerEvent<T>) => void;
  readonly #leave: () => void;
  readonly #ended: () => void;
  #told: AnswerEvent<T> | undefined;
  #asking = false;
  #again = false;
  #stopped = false;

  /** `ended` is called when it is stopped. */
  constructor(
    database: Database,
    ask: (database: Database) => T | Promise<T>,
    listener: (event: AnswerEvent<T>) => void,
    onChange: (listener: (change: Change) => void) => () => void,
    ended: () => void,
  ) {
    callback(ask, "ask");
    this.#ask = () => ask(database);
    this.#listener = callback(listener, "listener");
    this.#ended = ended;
    this.#leave = onChange(() => { this.look(); });
    this.look();
  }

  get answer(): T | undefined {
    return this.#told?.answer;
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#leave();
    this.#ended();
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  /** Asks again. */
  look(): void {
    void this.#look();
  }

  /** One question at a time: what is committed meanwhile is asked about once, afterwards. */
  async #look(): Promise<void> {
    this.#again = true;
    if (this.#asking) return;
    this.#asking = true;
    while (this.#due()) {
      this.#again = false;
      let event: AnswerEvent<T>;
      try {
        event = { answer: await this.#ask(), error: null };
      } catch (error) {
        const known = error instanceof PluresError;
        event = { answer: this.#told?.answer, error: known ? error : new PluresError("question", String(error)) };
      }
      if (!this.#stopped) this.#tell(event);
    }
    this.#asking = false;
  }

  #due(): boolean {
    return this.#again && !this.#stopped;
  }

  #tell(event: AnswerEvent<T>): void {
    const told = this.#told;
    const same = told?.error?.message === event.error?.message && told?.error?.code === event.error?.code;
    if (told && same && equal(told.answer, event.answer)) return;
    this.#told = event;
    guarded(this.#listener, event);
  }
}

/** Whether two answers hold the same. */
function equal(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const [keys, others] = [Object.keys(one), Object.keys(other)];
  const values = other as Record<string, unknown>;
  return (
    keys.length === others.length &&
    keys.every((key) => key in values && equal((one as Record<string, unknown>)[key], values[key]))
  );
}
