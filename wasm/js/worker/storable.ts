/**
 * Values of writes that a message would change on its way: of an instance of a class it makes a plain object. They are
 * refused before, in the words of the module, which sees them where the engine is on this thread.
 */

import { PluresError } from "../errors.ts";

/** Deepest nesting, that of the module. */
const MAX_DEPTH = 64;
/** Keys of a path that are shown. */
const LONGEST_PLACE = 8;

/** What comes across as what it is, so that the module refuses or takes it. By `Object.prototype.toString`. */
const CARRIED = new Set(["Date", "Map", "Set", "String", "Number", "Boolean", "BigInt", "Uint8Array", "Float32Array"]);

/** An object written as `{..}`, of this realm or another: its prototype is none or a root. */
export function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Throws where what a method of a database is to write cannot be sent as it is. */
export function checkCall(method: string, args: unknown[]): void {
  if (method === "put" || method === "link") checkObject("data", (args[0] as { data?: unknown } | undefined)?.data);
  else if (method === "defineType") checkInside("data", args[0]);
  else checkChange(method, args);
}

/** The same for a step of a transaction. */
export function checkStep(operation: string, parts: unknown[]): void {
  if (operation === "put") checkObject("data", parts[2]);
  else if (operation === "link") checkObject("data", parts[4]);
  else checkChange(operation, parts);
}

function checkChange(operation: string, [, second, third]: unknown[]): void {
  if (operation === "patch") checkObject("patch", second);
  if (operation === "addToSet" || operation === "removeFromSet" || operation === "editList") checkInside(operation, third);
}

function checkObject(root: string, value: unknown): void {
  const unfit = describe(value);
  if (unfit !== null) throw new PluresError("bad-value", `${root}: expected a plain object, found ${unfit}`);
  checkInside(root, value);
}

function checkInside(root: string, value: unknown): void {
  const found = search(value, []);
  if (!found?.unfit) return;
  const { keys, unfit } = found;
  const shown = keys.length > LONGEST_PLACE ? [...keys.slice(0, LONGEST_PLACE), "…"] : keys;
  throw new PluresError("bad-value", `${shown.join(".") || root}: ${unfit} cannot be stored`);
}

/** The first value that does not fit; `unfit` is empty where it is the depth that does not, which the module says. */
function search(value: unknown, keys: string[]): { keys: string[]; unfit: string } | null {
  const unfit = describe(value);
  if (unfit !== null) return { keys, unfit };
  if (typeof value !== "object" || value === null || !(Array.isArray(value) || isPlain(value))) return null;
  if (keys.length > MAX_DEPTH) return { keys, unfit: "" };
  for (const [key, field] of Object.entries(value)) {
    const found = search(field, [...keys, key]);
    if (found !== null) return found;
  }
  return null;
}

/** What a value is that does not come across as it is; null where it does. */
function describe(value: unknown): string | null {
  if (typeof value === "function" || typeof value === "symbol") return `a ${typeof value}`;
  if (typeof value !== "object" || value === null || Array.isArray(value) || isPlain(value)) return null;
  const tag = Object.prototype.toString.call(value).slice("[object ".length, -1);
  if (CARRIED.has(tag)) return null;
  return tag === "Object" ? "an instance of a class (store a plain object)" : `a value of type ${tag}`;
}
