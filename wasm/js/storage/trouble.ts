/** Why storage does not do what it should, in words and as a code. */

import { PluresError } from "../errors.ts";

export interface Trouble {
  readonly code: string;
  readonly message: string;
}

export const troubleOf = (error: unknown): Trouble => ({
  code: error instanceof PluresError ? error.code : "storage",
  message: error instanceof Error ? error.message : String(error),
});

/** Does it once more where the browser had closed the connection: there is a new one then. */
export async function connected<R>(work: () => Promise<R>): Promise<R> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof PluresError && error.message.startsWith("InvalidStateError")) return work();
    throw error;
  }
}
