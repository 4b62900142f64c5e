/** A value in a few words, and the parts it can be opened to. */
import type { Value } from "pluresdb";
import { shorten } from "./title.ts";

const LONGEST = 120;

export function preview(value: Value): string {
  if (value === null) return "null";
  if (typeof value === "string") return shorten(value, LONGEST);
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (Array.isArray(value)) return value.length === 0 ? "[ ]" : `[ ${shorten(value.map(inner).join(", "), LONGEST)} ]`;
  if (typeof value === "object") {
    const keys = Object.keys(value);
    return keys.length === 0 ? "{ }" : `{ ${shorten(keys.join(", "), LONGEST)} }`;
  }
  return String(value);
}

/** The parts of a list or an object; nothing for other values. */
export function partsOf(value: Value): [string, Value][] {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return [];
  return Array.isArray(value) ? value.map((part, at) => [String(at), part]) : Object.entries(value);
}

function inner(value: Value): string {
  if (Array.isArray(value)) return "[…]";
  if (typeof value === "object" && value !== null && !(value instanceof Uint8Array)) return "{…}";
  return preview(value);
}
