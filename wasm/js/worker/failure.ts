/** Failures on their way between a page and its worker. */

import { PluresError } from "../errors.ts";
import type { Violation } from "../type-definitions.ts";

export type Failure =
  | { code: string; message: string; violations: readonly Violation[] | undefined; cause: unknown }
  | { error: unknown; marks: Marks };

/** What tells errors of others apart, and no clone keeps. */
type Marks = Partial<Record<"name" | "code", unknown>>;

/** A failure as it can be sent. */
export function failureOf(error: unknown): Failure {
  if (error instanceof PluresError) {
    const { code, message, violations, cause } = error;
    return { code, message, violations, cause: cause === undefined ? undefined : sendable(cause) };
  }
  return { error: sendable(error), marks: error instanceof Error ? marksOf(error) : {} };
}

function marksOf(error: Error): Marks {
  const { name, code } = error as Error & { code?: unknown };
  return { name, ...(typeof code === "string" && { code }) };
}

/** A failure as the application is to see it. */
export function thrown(failure: Failure): unknown {
  if ("error" in failure) {
    const { error, marks } = failure;
    // Those of a `DOMException` came across.
    if (error instanceof Error && !(error instanceof DOMException)) {
      for (const [key, value] of Object.entries(marks)) Object.defineProperty(error, key, { value, configurable: true, writable: true });
    }
    return error;
  }
  return new PluresError(failure.code, failure.message, failure.cause, failure.violations);
}

/** Why arguments cannot be sent: the place of the first value that no database stores and no message holds. */
export function uncloneable(args: unknown, error: unknown): PluresError {
  const why = error instanceof Error ? error.message : String(error);
  return new PluresError("bad-value", place(args, []) ?? `a value cannot be stored: ${why}`, error);
}

function place(value: unknown, keys: string[]): string | null {
  if (typeof value === "function" || typeof value === "symbol") {
    // The first keys are those of the call.
    const path = keys.slice(1).join(".").replace(/^data\./, "");
    return `${path === "" ? "data" : path}: a ${typeof value} cannot be stored`;
  }
  if (typeof value !== "object" || value === null || keys.length > 64) return null;
  for (const [key, field] of Object.entries(value)) {
    const found = place(field, [...keys, key]);
    if (found !== null) return found;
  }
  return null;
}

function sendable(error: unknown): unknown {
  try {
    return structuredClone(error);
  } catch {
    return new Error(error instanceof Error ? error.message : String(error));
  }
}
