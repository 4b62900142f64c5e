/** How a node is called where there is room for a few words only. */
import type { Node } from "pluresdb";

const NAMING_FIELDS = ["name", "title", "label"];

export function titleOf(node: Node): string {
  const { lemmas } = node.data;
  if (Array.isArray(lemmas)) {
    const words = lemmas.filter((lemma) => typeof lemma === "string");
    if (words.length > 0) return words.join(", ");
  }
  for (const field of NAMING_FIELDS) {
    const value = node.data[field];
    if (typeof value === "string" && value !== "") return value;
  }
  return node.id;
}

const PARTS_OF_SPEECH = new Map([
  ["n", "noun"],
  ["v", "verb"],
  ["a", "adjective"],
  ["s", "adjective"],
  ["r", "adverb"],
]);

/** The part of speech of a synset, the type of any other node. */
export function kindOf(node: Node): string {
  const { pos } = node.data;
  return (typeof pos === "string" ? PARTS_OF_SPEECH.get(pos) : undefined) ?? node.type;
}

/** A sentence about the node, or nothing. */
export function summaryOf(node: Node): string {
  const { gloss } = node.data;
  if (typeof gloss === "string") return gloss;
  const texts = Object.values(node.data).filter((value) => typeof value === "string");
  return texts.find((text) => text !== titleOf(node)) ?? "";
}
