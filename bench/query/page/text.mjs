/**
 * Search by words in a page: the glosses and words of WordNet, in memory. Queries are two words drawn from one gloss,
 * and one word as it is typed, letter by letter from the second. All give the first 20 with their scores.
 */

import { told } from "../../lib/spread.mjs";

const peers = [
  ["PluresDB", pluresdb],
  ["MiniSearch", minisearch],
  ["Orama", orama],
];

export async function measure(site, { size, patience }) {
  const asked = { entries: size(200_000, 2_000), queries: size(300, 10), words: size(60, 5), patience };
  const spreads = { two: [], typing: [], load: [] };
  for (const [name, work] of peers) {
    const { load, two = null, typing = null } = await site.run(`(${work})((${queries})(), ${JSON.stringify(asked)})`);
    spreads.load.push([name, told(load && [load.reduce((sum, time) => sum + time)], patience)]);
    // Nothing is asked of those that are not loaded by then.
    if (load === null) continue;
    spreads.two.push([name, told(two, patience)]);
    spreads.typing.push([name, told(typing, patience)]);
  }
  return [
    { figure: "loading and indexing WordNet", unit: "ms", spreads: spreads.load },
    { figure: "two words, BM25, first 20", unit: "ms", spreads: spreads.two },
    { figure: "as you type", unit: "ms", goal: { p95: 16 }, spreads: spreads.typing },
  ];
}

/* What follows runs inside pages. */
/* global window */

/**
 * Makes the entries, some at a time as well, and the queries, the same ones in every page; and `each`, which gives the times of some
 * work for each of some things, or nothing where all together take too long.
 */
export function queries() {
  return async ({ entries: most, queries: count, words: typed, patience }) => {
    const lines = (await (await fetch("/data/wordnet.jsonl")).text()).split("\n");
    const entries = [];
    for (const line of lines) {
      if (!line.startsWith('{"id"') || entries.length >= most) continue;
      const { id, data } = JSON.parse(line);
      if (data?.gloss) entries.push({ id, lemmas: (data.lemmas ?? []).join("\n"), gloss: data.gloss });
    }
    let seed = 11;
    const below = (end) => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return Math.floor((seed / 2 ** 32) * end);
    };
    const pairs = [];
    while (pairs.length < count) {
      const words = entries[below(entries.length)].gloss.split(/[^A-Za-z]+/).filter((word) => word.length >= 4);
      if (words.length >= 2) pairs.push([words[below(words.length)], words[below(words.length)]]);
    }
    const typing = pairs
      .slice(0, typed)
      .flatMap(([word]) => Array.from({ length: word.length - 1 }, (_, at) => word.slice(0, at + 2)));
    const parts = [];
    for (let at = 0; at < entries.length; at += 5_000) parts.push(entries.slice(at, at + 5_000));
    const each = async (things, work) => {
      const until = performance.now() + patience;
      const times = [];
      for (const thing of things) {
        const begun = performance.now();
        if (begun > until) return null;
        await work(thing);
        times.push(performance.now() - begun);
      }
      return times;
    };
    return { entries, parts, pairs, typing, each };
  };
}

async function pluresdb(make, size) {
  const { entries, pairs, typing, each } = await make(size);
  const db = await window.pluresdb.open("memory://");
  await db.defineType({
    name: "Entry",
    fields: { lemmas: { type: "string", full_text: true }, gloss: { type: "string", full_text: true } },
  });
  async function* lines() {
    for (const { id, lemmas, gloss } of entries) {
      yield `${JSON.stringify({ id, type: "Entry", data: { lemmas, gloss } })}\n`;
    }
  }
  const options = { type: "Entry", limit: 20, typos: false };
  return {
    load: await each([lines()], (all) => db.importJsonl(all)),
    two: await each(pairs, ([a, b]) => db.search(`${a} ${b} `, options)),
    typing: await each(typing, (text) => db.search(text, options)),
  };
}

async function minisearch(make, size) {
  const { parts, pairs, typing, each } = await make(size);
  const { default: MiniSearch } = await import("/peers/minisearch/dist/es/index.js");
  const index = new MiniSearch({ fields: ["lemmas", "gloss"], storeFields: ["lemmas", "gloss"] });
  const load = await each(parts, (some) => { index.addAll(some); });
  if (load === null) return { load };
  const first = (text, how) => { index.search(text, how).slice(0, 20); };
  return {
    load,
    two: await each(pairs, ([a, b]) => first(`${a} ${b}`, { combineWith: "AND" })),
    typing: await each(typing, (text) => first(text, { prefix: true })),
  };
}

async function orama(make, size) {
  const { parts, pairs, typing, each } = await make(size);
  const { create, insertMultiple, search } = await import("/peers/@orama/orama/dist/browser/index.js");
  const db = create({ schema: { id: "string", lemmas: "string", gloss: "string" } });
  const load = await each(parts, (some) => insertMultiple(db, some, some.length));
  if (load === null) return { load };
  const options = { properties: ["lemmas", "gloss"], limit: 20 };
  return {
    load,
    two: await each(pairs, ([a, b]) => search(db, { term: `${a} ${b}`, threshold: 0, exact: true, ...options })),
    typing: await each(typing, (term) => search(db, { term, ...options })),
  };
}
