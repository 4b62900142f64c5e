/** What an application hands over beside texts: refused where it means nothing, and never taken for something else. */

import { PluresError } from "./errors.ts";
import { described } from "./text.ts";
import type { Durability, WithListener } from "./types.ts";

export const DURABILITIES: readonly Durability[] = ["strict", "relaxed"];

/** An object, whose properties are looked at next. */
export function object<T extends object>(value: T, name: string): T {
  const given: unknown = value;
  if (typeof given === "object" && given !== null) return value;
  throw new PluresError("bad-value", `${name}: expected an object, found ${described(given)}`);
}

/** One of these words, where it is said. */
export function oneOf<T extends string>(value: T | undefined, name: string, words: readonly T[]): void {
  const given: unknown = value;
  if (given === undefined || words.includes(given as T)) return;
  const shown = typeof given === "string" ? JSON.stringify(given) : described(given);
  throw new PluresError("bad-option", `${name}: expected one of ${words.join(", ")}, found ${shown}`);
}

/** How many there may be at most. */
export function limited(value: number, name: string): number {
  if (Number.isInteger(value) && value >= 0) return value;
  const given: unknown = value;
  const shown = typeof given === "number" ? String(given) : described(given);
  throw new PluresError("bad-option", `${name}: expected a whole number from 0, found ${shown}`);
}

/** What is called back. */
export function callback<F extends (...args: never[]) => unknown>(value: F, name: string): F {
  const given: unknown = value;
  if (typeof given === "function") return value;
  throw new PluresError("bad-value", `${name}: expected a function, found ${described(given)}`);
}

/** Parameters and a listener, of which the parameters may be left out. */
export function withListener<Params, Event>(
  rest: WithListener<Params, Event>,
): [params: Params | undefined, listener: (event: Event) => void] {
  const [first, second] = rest;
  if (typeof first === "function" && second === undefined) return [undefined, first as (event: Event) => void];
  return [first as Params | undefined, callback(second as (event: Event) => void, "listener")];
}
