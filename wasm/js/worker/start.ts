/** Starts the worker of this page, one for all its databases, and ends it with the last of them. */

import { PluresError } from "../errors.ts";
import { Endpoint } from "./endpoint.ts";

/** A worker that answers. */
export interface Started {
  endpoint: Endpoint;
  /** A database more or less that it serves. */
  taken(): void;
  left(): void;
}

const running = new Map<string, Promise<Started>>();

/** Whether this is a page that may have workers. In a worker the engine is off the main thread already. */
export const mayStart = (): boolean => typeof document === "object" && typeof Worker === "function";

/** The worker that `make` makes, or the one that runs already under this name. Rejects with `no-worker` where none can be started. */
export function started(name: string, make: () => Worker): Promise<Started> {
  const found = running.get(name);
  if (found !== undefined) return found;
  const starting = start(name, make);
  running.set(name, starting);
  starting.catch(() => running.delete(name));
  return starting;
}

async function start(name: string, make: () => Worker): Promise<Started> {
  const worker = made(make);
  let used = 0;
  const endpoint = await new Promise<Endpoint>((resolve, reject) => {
    worker.onerror = ({ message }) => {
      // The browser tells the script why it could not be loaded in its console alone.
      reject(noWorker(message || "its script could not be loaded"));
      worker.terminate();
    };
    const port = { postMessage: (message: unknown) => { worker.postMessage(message); }, onmessage: null } as ConstructorParameters<typeof Endpoint>[0];
    worker.onmessage = (event) => port.onmessage?.(event);
    const endpoint: Endpoint = new Endpoint(port, {
      started: () => {
        worker.onerror = null;
        resolve(endpoint);
      },
    });
  });
  const end = (): void => {
    running.delete(name);
    worker.terminate();
    endpoint.fail(new PluresError("closed", "this database was closed"));
  };
  return {
    endpoint,
    taken: () => { used += 1; },
    left: () => {
      used -= 1;
      if (used === 0) end();
    },
  };
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
