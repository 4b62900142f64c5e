/** Starts the worker of this page, one for all its databases, and ends it with the last of them. */

import { PluresError } from "../errors.ts";
import { whenFree } from "../storage/locks.ts";
import { Endpoint, type Port } from "./endpoint.ts";

/** A database's share of a worker. */
export interface Share {
  /** What is asked before the worker runs waits for it, and fails with `no-worker` where it cannot be started. */
  readonly endpoint: Endpoint;
  /** Gives it back; the worker ends with the last one. */
  readonly leave: () => void;
}

/** How long a worker may take until it answers: its script may come over a slow network. */
const START_MS = 20_000;

const running = new Map<string, PageWorker>();

/** Whether this is a page that may have workers. In a worker the engine is off the main thread already. */
export const mayStart = (): boolean => typeof document === "object" && typeof Worker === "function";

/** A share of the worker that `make` makes, or of the one that runs already under this name; `no-worker` as above. */
export function share(name: string, make: () => Worker): Share {
  const found = running.get(name);
  if (found !== undefined) return found.share();
  const worker = new PageWorker(make, () => {
    if (running.get(name) === worker) running.delete(name);
  });
  running.set(name, worker);
  return worker.share();
}

class PageWorker {
  readonly #endpoint: Endpoint;
  readonly #over: () => void;
  readonly #worker: Worker;
  #shares = 0;

  /** `over` is called once nobody can have a share any more. */
  constructor(make: () => Worker, over: () => void) {
    this.#over = over;
    this.#worker = made(make);
    this.#endpoint = this.#start(this.#worker);
  }

  /** Counted before anything is waited for: else the last of the others ends the worker meanwhile. */
  share(): Share {
    this.#shares += 1;
    let left = false;
    const leave = (): void => {
      if (left) return;
      left = true;
      this.#shares -= 1;
      if (this.#shares === 0) this.#end(new PluresError("closed", "this database was closed"));
    };
    return { endpoint: this.#endpoint, leave };
  }

  #start(worker: Worker): Endpoint {
    const port: Port = { postMessage: (message: unknown) => { worker.postMessage(message); }, onmessage: null };
    worker.onmessage = (event) => port.onmessage?.(event);
    const late = setTimeout(() => {
      this.#end(noWorker(`it did not answer within ${START_MS / 1000} seconds`));
    }, START_MS);
    worker.onerror = ({ message }) => {
      clearTimeout(late);
      // The browser tells the script why it could not be loaded in its console alone.
      this.#end(noWorker(message || "its script could not be loaded"));
    };
    const unread = (): void => { this.#end(ended("a message could not be read")); };
    // An answer may have been in it.
    worker.addEventListener("messageerror", unread);
    const started = (lock: string | null): void => {
      clearTimeout(late);
      this.#watch(worker, lock);
    };
    return new Endpoint(port, { started, unread });
  }

  /** Notices that the worker ends: by the lock that it holds, and without locks as far as it can be seen. */
  #watch(worker: Worker, lock: string | null): void {
    worker.onerror = (event) => {
      // With a message it is an exception of a listener, which the worker outlives.
      if (!(event instanceof ErrorEvent)) this.#end(ended("the browser gave no reason"));
    };
    if (lock !== null) void whenFree(lock).then(() => { this.#end(ended("the browser gave no reason")); }, () => undefined);
  }

  #end(why: PluresError): void {
    this.#over();
    this.#worker.terminate();
    this.#endpoint.fail(why);
  }
}

function made(make: () => Worker): Worker {
  try {
    return make();
  } catch (error) {
    throw noWorker(error instanceof Error ? error.message : String(error), error);
  }
}

const noWorker = (why: string, cause?: unknown): PluresError =>
  new PluresError("no-worker", `the worker of the database could not be started: ${why}`, cause);

const ended = (why: string): PluresError => new PluresError("worker-ended", `the worker of the database has ended: ${why}`);
