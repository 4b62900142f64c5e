/**
 * A node as JSON text, in the form that import and export use: integers of any size as digits, bytes as
 * `{"$bytes": "base64"}`.
 */
import type { Node, Value } from "pluresdb";

export function nodeToJson({ id, type, updated, data }: Node): string {
  return `${write({ id, type, updated: new Date(updated).toISOString(), data }, "")}\n`;
}

function write(value: Value, indent: string): string {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Uint8Array) return write({ $bytes: base64(value) }, indent);
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const deeper = `${indent}  `;
  if (Array.isArray(value)) return wrap("[", value.map((part) => write(part, deeper)), "]", indent);
  const fields = Object.entries(value).map(([name, part]) => `${JSON.stringify(name)}: ${write(part, deeper)}`);
  return wrap("{", fields, "}", indent);
}

function wrap(open: string, parts: string[], close: string, indent: string): string {
  if (parts.length === 0) return open + close;
  return `${open}\n${parts.map((part) => `${indent}  ${part}`).join(",\n")}\n${indent}${close}`;
}

function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
