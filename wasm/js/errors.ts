/** Failures as an application sees them: one class, told apart by `code`. */

import type { Violation } from "./type-definitions.ts";

/** What to do about a failure, where that does not follow from the message. */
const hints: Readonly<Record<string, string>> = {
  "no-indexeddb": "Open memory:// here, or use the pluresdb command line program for files.",
  "in-transaction": "Call the methods of the transaction that the callback was given.",
  "no-worker":
    "Serve the package's worker.js beside its other scripts, let the page's policy allow it (worker-src), or open with `worker: false`.",
  "worker-ended": "Open the database again: what was stored is safe.",
  replaced: "Bind the field again, to a new document.",
  overtaken: "Run the transaction again.",
  "out-of-memory": "Close what is not needed, or split the data into several databases: each has to fit in memory.",
  internal: "Reload the page: what was stored is safe. Please report what led to this.",
  format: "Reload the page, or update the package. What is not stored here yet is lost then, unless it is exported first.",
  storage: "The change is kept in memory and stored as soon as that works again; see status().",
};

/** Any failure of PluresDB. `code` is stable between versions, the message is for people. */
export class PluresError extends Error {
  override readonly name = "PluresError";
  readonly code: string;
  readonly hint?: string;
  /** What of a node breaks its type, where the code is `invalid`. */
  readonly violations?: readonly Violation[];

  constructor(code: string, message: string, cause?: unknown, violations?: readonly Violation[]) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    const hint = hints[code];
    if (hint !== undefined) this.hint = hint;
    if (violations !== undefined) this.violations = violations;
  }
}

/** Set once the module has panicked: its memory cannot be trusted any more. */
let broken: PluresError | null = null;

/** Calls into the module; what it throws becomes a `PluresError`. */
export function call<R>(work: () => R): R {
  if (broken !== null) throw broken;
  try {
    return work();
  } catch (error) {
    throw fromModule(error);
  }
}

/** The same for what takes its time. */
export async function callAsync<R>(work: () => Promise<R>): Promise<R> {
  if (broken !== null) throw broken;
  try {
    return await work();
  } catch (error) {
    throw fromModule(error);
  }
}

/** What the module threw or gave as an error, as a `PluresError`. */
export function fromModule(error: unknown): unknown {
  if (error instanceof PluresError) return error;
  if (error instanceof WebAssembly.RuntimeError) {
    broken = new PluresError("internal", `an internal error: ${error.message}`, error);
    return broken;
  }
  if (error instanceof Error && "code" in error && typeof error.code === "string") {
    const violations = "violations" in error ? (error.violations as Violation[]) : undefined;
    return new PluresError(error.code, error.message, undefined, violations);
  }
  return error;
}
