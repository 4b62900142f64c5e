/**
 * Keeps an open transaction whole: while one is under way, all else that would commit waits for its end, in the
 * order in which it came. Reads need not wait: they see what was committed.
 */

type Entry = { run: () => void } | { hold: () => void };

export class Gate {
  #held = false;
  readonly #queue: Entry[] = [];
  #since = 0;

  /** Since when something waits for the transaction that is open, as `performance.now` has it; null while nothing does. */
  get waitedSince(): number | null {
    return this.#queue.length > 0 ? this.#since : null;
  }

  /** Runs work that commits and does so at once: now, where no transaction is open. */
  run<R>(work: () => R): Promise<R> {
    return new Promise((resolve, reject) => {
      const run = (): void => {
        try {
          resolve(work());
        } catch (error) {
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what the work threw, as it is
          reject(error);
        }
      };
      if (this.#held) this.#wait({ run });
      else run();
    });
  }

  /** Holds the gate, when its turn comes, until the function that this gives is called. */
  hold(): Promise<() => void> {
    return new Promise((resolve) => {
      const hold = (): void => {
        this.#held = true;
        this.#since = performance.now();
        resolve(this.#releaser());
      };
      if (this.#held) this.#wait({ hold });
      else hold();
    });
  }

  #wait(entry: Entry): void {
    if (this.#queue.length === 0) this.#since = performance.now();
    this.#queue.push(entry);
  }

  #releaser(): () => void {
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#held = false;
      this.#next();
    };
  }

  /** Lets all through that came before the next one that holds. */
  #next(): void {
    for (;;) {
      // What runs may itself have begun to hold.
      const entry = this.#held ? undefined : this.#queue.shift();
      if (entry === undefined) return;
      if ("run" in entry) entry.run();
      else entry.hold();
    }
  }
}
