/** The steps of a transaction on this thread. */

import type { CoreTransaction } from "../pkg/pluresdb_wasm.js";
import { PluresError, call } from "./errors.ts";
import type { Gate } from "./gate.ts";
import type { Steps } from "./transaction.ts";

/** How long a transaction may do nothing while others wait for its end. */
const IDLE_MS = 10_000;

export class LocalSteps implements Steps {
  readonly #gate: Gate;
  readonly #release: () => void;
  readonly #committed: () => Promise<void>;
  #core: CoreTransaction | null;
  #last = performance.now();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ended = new PluresError("ended", "this transaction has ended; its methods are for its callback");

  /** `release` lets go of the gate, which is held. `committed` tells of the commit, and waits for storage. */
  constructor(core: CoreTransaction, gate: Gate, release: () => void, committed: () => Promise<void>) {
    this.#core = core;
    this.#gate = gate;
    this.#release = release;
    this.#committed = committed;
    this.#watch(IDLE_MS);
  }

  step(operation: string, ...parts: unknown[]): Promise<unknown> {
    return new Promise((resolve) => {
      const core = this.#open();
      this.#last = performance.now();
      const [a, b, c, d, e] = parts;
      resolve(call((): unknown => core.step(operation, a, b, c, d, e)));
    });
  }

  async commit(): Promise<void> {
    const core = this.#open();
    try {
      call(() => { core.commit(); });
    } finally {
      this.rollback();
    }
    await this.#committed();
  }

  rollback(): void {
    clearTimeout(this.#timer);
    this.#core?.free();
    this.#core = null;
    this.#release();
  }

  #open(): CoreTransaction {
    if (this.#core === null) throw this.#ended;
    return this.#core;
  }

  /** A callback that waits for what waits for its end would wait for ever: it uses the database, not its transaction. */
  #watch(ms: number): void {
    this.#timer = setTimeout(() => {
      const since = this.#gate.waitedSince;
      // While nobody waits it may take its time.
      const idle = since === null ? 0 : performance.now() - Math.max(this.#last, since);
      if (idle < IDLE_MS) {
        // Times are fractions, and a rest of next to nothing is no time to wait.
        this.#watch(Math.ceil(IDLE_MS - idle));
      } else {
        this.#ended = new PluresError(
          "in-transaction",
          `the transaction did nothing for ${IDLE_MS / 1000} seconds while other writes waited, and was undone`,
        );
        this.rollback();
      }
    }, ms);
    // In Node, a transaction that is open does not keep the program from ending.
    if (typeof this.#timer === "object" && "unref" in this.#timer) this.#timer.unref();
  }
}
