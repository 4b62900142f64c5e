/**
 * A node's fields as JSON text and back, for the editor.
 * What JSON lacks has a tag: `{"$bigint": "9007199254740993"}` and `{"$bytes": "base64"}`.
 */
import type { Data, Value } from "pluresdb";

export function toText(value: Value): string {
  return JSON.stringify(value, (_key, part: Value) => tagged(part), 2);
}

/** Throws a `SyntaxError` that says what is wrong. */
export function fieldsFromText(text: string): Data {
  const value = JSON.parse(text, (_key, part: Value) => untagged(part)) as Value;
  if (!isObject(value)) throw new SyntaxError("the fields must be one JSON object: { … }");
  return value;
}

export function isObject(value: Value | undefined): value is Data {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

function tagged(value: Value): Value {
  if (typeof value === "bigint") return { $bigint: value.toString() };
  if (value instanceof Uint8Array) {
    return { $bytes: btoa(Array.from(value, (byte) => String.fromCharCode(byte)).join("")) };
  }
  return value;
}

function untagged(value: Value): Value {
  if (typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw new SyntaxError(`${value} is beyond the exact numbers; write it as {"$bigint": "…"}`);
  }
  if (!isObject(value) || Object.keys(value).length !== 1) return value;
  const { $bigint: integer, $bytes: bytes } = value;
  if (typeof integer === "string") return BigInt(integer);
  if (typeof bytes === "string") return Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0));
  return value;
}
