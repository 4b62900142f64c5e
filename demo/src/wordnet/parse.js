/**
 * WordNet's data files as JSON Lines that `importJsonl` reads: a node for each synset, each followed by its edges.
 *
 * Only pointers between whole synsets (word numbers 0000) become edges: 285,668 of them in WordNet 3.1.
 * Pointers between single words, such as antonyms and derivations, say nothing about their synsets and are left out.
 * A node's id is its file's letter and its offset there. Satellite adjectives (`s`) live in the file of the
 * adjectives (`a`), and pointers call them `a` or `s` as they please, so both have ids with `a`; the node's
 * field `pos` keeps the difference. Pure, one line at a time: runs in pages and in Node, in bounded memory.
 */

/**
 * @typedef {{ id: string, type: "Synset",
 *   data: { pos: string, lemmas: string[], gloss: string, examples: string[] } }} SynsetNode
 * @typedef {{ source: string, label: string, target: string }} SynsetEdge
 */

/** The data files, in the order they are read. */
export const FILES = ["data.noun", "data.verb", "data.adj", "data.adv"];

/** What the files of WordNet 3.1 hold. */
export const TOTALS = { nodes: 117_791, edges: 285_668 };

/** The label of each pointer symbol that occurs between synsets. @type {Record<string, string>} */
const LABELS = {
  "@": "hypernym",
  "@i": "instance_hypernym",
  "~": "hyponym",
  "~i": "instance_hyponym",
  "#m": "member_holonym",
  "#s": "substance_holonym",
  "#p": "part_holonym",
  "%m": "member_meronym",
  "%s": "substance_meronym",
  "%p": "part_meronym",
  "=": "attribute",
  "*": "entailment",
  ">": "cause",
  "^": "also_see",
  $: "verb_group",
  "&": "similar",
  ";c": "domain_topic",
  ";r": "domain_region",
  ";u": "domain_usage",
  "-c": "member_of_topic",
  "-r": "member_of_region",
  "-u": "member_of_usage",
};

/** A pointer whose source and target are whole synsets. */
const WHOLE_SYNSETS = "0000";

/**
 * Turns the text of one data file, in pieces of any size, into JSON Lines, in pieces of about the same size.
 *
 * @param {AsyncIterable<string>} text
 * @returns {AsyncGenerator<string, void, undefined>}
 */
export async function* toJsonl(text) {
  let rest = "";
  for await (const piece of text) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    const jsonl = lines.map(lineToJsonl).join("");
    if (jsonl !== "") yield jsonl;
  }
  const last = lineToJsonl(rest);
  if (last !== "") yield last;
}

/** @param {string} line */
function lineToJsonl(line) {
  const synset = parseLine(line);
  if (synset === null) return "";
  return [synset.node, ...synset.edges].map((entry) => JSON.stringify(entry) + "\n").join("");
}

/**
 * One line of a data file; null for the lines of the licence, which begin with a blank, and for an empty line.
 * The fields: offset, lexicographer file, type, word count (hexadecimal), the words each with a number,
 * pointer count, the pointers in fours, and behind a bar the gloss.
 *
 * @param {string} line
 * @returns {{ node: SynsetNode, edges: SynsetEdge[] } | null}
 */
export function parseLine(line) {
  if (line === "" || line.startsWith(" ")) return null;
  const bar = line.indexOf(" | ");
  if (bar < 0) throw new SyntaxError(`not a line of a WordNet data file: ${line.slice(0, 60)}`);
  const fields = line.slice(0, bar).split(" ");
  let at = 0;
  const next = () => {
    const field = fields[at++];
    if (field === undefined) throw new SyntaxError(`the line of synset ${fields[0]} ends early`);
    return field;
  };

  const offset = next();
  next();
  const pos = next();
  const id = idOf(pos, offset);

  const lemmas = [];
  for (let left = Number.parseInt(next(), 16); left > 0; left--) {
    lemmas.push(lemmaOf(next()));
    next();
  }

  const edges = [];
  for (let left = Number.parseInt(next(), 10); left > 0; left--) {
    const [symbol, targetOffset, targetPos, words] = [next(), next(), next(), next()];
    if (words !== WHOLE_SYNSETS) continue;
    const label = LABELS[symbol];
    if (label === undefined) throw new SyntaxError(`synset ${id} has a pointer of unknown kind: ${symbol}`);
    edges.push({ source: id, label, target: idOf(targetPos, targetOffset) });
  }

  const { gloss, examples } = splitGloss(line.slice(bar + 3).trim());
  return { node: { id, type: "Synset", data: { pos, lemmas, gloss, examples } }, edges };
}

/** @param {string} pos @param {string} offset */
function idOf(pos, offset) {
  return (pos === "s" ? "a" : pos) + offset;
}

/** `physical_entity` and, of adjectives, `alive(p)` as people write them. @param {string} word */
function lemmaOf(word) {
  return word.replace(/\((?:a|p|ip)\)$/, "").replaceAll("_", " ");
}

/**
 * Parts the definition from the examples. Both are separated by semicolons; an example begins with a quote.
 * Quotes inside a definition stay there. What follows an example in its part, such as its author, stays with it.
 *
 * @param {string} text
 */
function splitGloss(text) {
  const definition = [];
  const examples = [];
  // Some glosses announce their examples with a colon.
  for (const part of partsOf(text.replace(/:\s*(?=")/g, "; "))) {
    if (part.startsWith('"') && definition.length > 0) examples.push(...examplesOf(part));
    else definition.push(part);
  }
  return { gloss: definition.join("; "), examples };
}

/** The text cut at each semicolon outside quotes. @param {string} text */
function partsOf(text) {
  const parts = text.match(/(?:"[^"]*"|[^";])+/g) ?? [];
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}

/** `"one" "two" - Author` gives `one` and `two - Author`. @param {string} part */
function examplesOf(part) {
  const found = part.matchAll(/"([^"]*)"([^"]*)/g);
  return Array.from(found, ([, quote = "", after = ""]) => {
    const rest = after.trim().replace(/^,$/, "").replace(/^-+\s*/, "- ");
    return rest === "" ? quote.trim() : `${quote.trim()} ${rest}`;
  });
}
