/**
 * Search by words in a page: the glosses and words of WordNet, in memory. Queries are two words drawn from one gloss,
 * and one word as it is typed, letter by letter from the second. All give the first 20 with their scores.
 */

import { spread } from "../../lib/spread.mjs";

const peers = [
  ["PluresDB", pluresdb],
  ["MiniSearch", minisearch],
  ["Orama", orama],
];

export async function measure(site, setting) {
  const size = { entries: setting.size(200_000, 2_000), queries: setting.size(300, 10), words: setting.size(60, 5) };
  const spreads = { two: [], typing: [], load: [] };
  for (const [name, work] of peers) {
    const { two, typing, load } = await site.run(`(${work})((${queries})(), ${JSON.stringify(size)})`);
    spreads.two.push([name, spread(two)]);
    spreads.typing.push([name, spread(typing)]);
    spreads.load.push([name, spread([load])]);
  }
  return [
    { figure: "loading and indexing WordNet", unit: "ms", spreads: spreads.load },
    { figure: "two words, BM25, first 20", unit: "ms", spreads: spreads.two },
    { figure: "as you type", unit: "ms", goal: { p95: 16 }, spreads: spreads.typing },
  ];
}

/* What follows runs inside pages. */
/* global window */

/** Makes the entries and the queries, the same ones in every page. */
export function queries() {
  return async ({ entries: most, queries: count, words: typed }) => {
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
    return { entries, pairs, typing };
  };
}

async function pluresdb(make, size) {
  const { entries, pairs, typing } = await make(size);
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
  const timed = async (work) => {
    const begun = performance.now();
    await work();
    return performance.now() - begun;
  };
  const load = await timed(() => db.importJsonl(lines()));
  const options = { type: "Entry", limit: 20, typos: false };
  const [two, letters] = [[], []];
  for (const [a, b] of pairs) two.push(await timed(() => db.search(`${a} ${b} `, options)));
  for (const text of typing) letters.push(await timed(() => db.search(text, options)));
  return { load, two, typing: letters };
}

async function minisearch(make, size) {
  const { entries, pairs, typing } = await make(size);
  const { default: MiniSearch } = await import("/peers/minisearch/dist/es/index.js");
  const timed = (work) => {
    const begun = performance.now();
    work();
    return performance.now() - begun;
  };
  const index = new MiniSearch({ fields: ["lemmas", "gloss"], storeFields: ["lemmas", "gloss"] });
  const load = timed(() => index.addAll(entries));
  const two = pairs.map(([a, b]) => timed(() => index.search(`${a} ${b}`, { combineWith: "AND" }).slice(0, 20)));
  const letters = typing.map((text) => timed(() => index.search(text, { prefix: true }).slice(0, 20)));
  return { load, two, typing: letters };
}

async function orama(make, size) {
  const { entries, pairs, typing } = await make(size);
  const { create, insertMultiple, search } = await import("/peers/@orama/orama/dist/browser/index.js");
  const timed = async (work) => {
    const begun = performance.now();
    await work();
    return performance.now() - begun;
  };
  const db = create({ schema: { id: "string", lemmas: "string", gloss: "string" } });
  const load = await timed(() => insertMultiple(db, entries, 5_000));
  const properties = ["lemmas", "gloss"];
  const [two, letters] = [[], []];
  for (const [a, b] of pairs) {
    two.push(await timed(() => search(db, { term: `${a} ${b}`, properties, limit: 20, threshold: 0, exact: true })));
  }
  for (const term of typing) letters.push(await timed(() => search(db, { term, properties, limit: 20 })));
  return { load, two, typing: letters };
}
