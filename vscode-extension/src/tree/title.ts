/** How a node is called where there is room for a few words only. */
import type { Data, Value } from "pluresdb";

/** Fields that tend to name what they belong to, the most telling first. */
const NAMING_FIELDS = ["name", "title", "label", "subject", "lemmas"];
const LONGEST = 80;

/** The title of a node, or its id where no field names it. */
export function titleOf(node: { id: string; data: Data }): string {
  for (const field of NAMING_FIELDS) {
    const title = textOf(node.data[field]);
    if (title !== "") return shorten(title, LONGEST);
  }
  return node.id;
}

function textOf(value: Value | undefined): string {
  if (typeof value === "string") return value.trim();
  if (Array.isArray(value) && value.every((part) => typeof part === "string")) return value.join(", ");
  return "";
}

/** At most this many characters on one line, with an ellipsis where some are left out. */
export function shorten(text: string, longest: number): string {
  const line = text.replace(/\s+/g, " ");
  const letters = Array.from(line.slice(0, longest * 2));
  return letters.length <= longest && line.length <= longest * 2 ? line : `${letters.slice(0, longest - 1).join("")}…`;
}
