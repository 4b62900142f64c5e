/**
 * Texts that an application hands over: ids, types, statements. The module takes texts only, and would make something
 * else of what is none, or has no UTF-8.
 */

import { PluresError } from "./errors.ts";

/** Engines since 2023 have it; the types of this target do not. */
interface ModernString {
  isWellFormed(): boolean;
}

/** The text, or a failure that says what stands in its place. */
export function text(value: string, name: string): string {
  const given: unknown = value;
  if (typeof given !== "string") {
    throw new PluresError("bad-value", `${name}: expected a text, found ${described(given)}`);
  }
  if (!(given as unknown as ModernString).isWellFormed()) {
    const why = "the text holds half of a surrogate pair, which UTF-8 has no bytes for";
    throw new PluresError("bad-value", `${name}: ${why}`);
  }
  return given;
}

/** The same where it may be left out. */
export function optionalText(value: string | null | undefined, name: string): string | undefined {
  return value === undefined || value === null ? undefined : text(value, name);
}

/** What something is, in the words of an error. */
export function described(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
