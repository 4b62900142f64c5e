/** Throws an error of which nobody can be told as one of its own, where the page's and Node's handlers see it. */
export function uncaught(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

/** Calls a listener; what it throws is an uncaught error. */
export function guarded<Args extends unknown[]>(listener: (...args: Args) => unknown, ...args: Args): void {
  try {
    listener(...args);
  } catch (error) {
    uncaught(error);
  }
}

/** Those who want to be told. One that throws does not keep others from being told. */
export class Listeners<T> {
  readonly #all = new Set<{ listener: (event: T) => void }>();

  get any(): boolean {
    return this.#all.size > 0;
  }

  /** Gives what ends it. */
  add(listener: (event: T) => void): () => void {
    const entry = { listener };
    this.#all.add(entry);
    return () => void this.#all.delete(entry);
  }

  tell(event: T): void {
    for (const { listener } of [...this.#all]) guarded(listener, event);
  }
}
