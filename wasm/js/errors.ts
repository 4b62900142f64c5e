/** Failures as an application sees them: one class, told apart by `code`. */

import { hintOf } from "./hints.ts";
import type { Violation } from "./type-definitions.ts";

/** Any failure of PluresDB. `code` is stable between versions, the message is for people. */
export class PluresError extends Error {
  declare readonly name: "PluresError";
  readonly code: string;
  /** What to do, where the message does not say it. */
  declare readonly hint?: string;
  /** What of a node breaks its type, where the code is `invalid`. */
  declare readonly violations?: readonly Violation[];

  // What is printed of an error begins with these, and the class is called otherwise where it is bundled.
  static {
    Object.defineProperty(this, "name", { value: "PluresError" });
    Object.defineProperty(this.prototype, "name", { value: "PluresError", writable: true, configurable: true });
  }

  constructor(code: string, message: string, cause?: unknown, violations?: readonly Violation[]) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    const hint = hintOf(code, message);
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
