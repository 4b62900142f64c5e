/**
 * Search by words and meaning together in a page: the glosses and words of WordNet with vectors by the model of
 * `pluresdb/embed`, in memory. The queries are those of the search by words; making the vector of a query is part of it.
 */

import { spread } from "../../lib/spread.mjs";
import { queries } from "./text.mjs";

export async function measure(site, setting) {
  const size = { entries: setting.size(200_000, 2_000), queries: setting.size(300, 10), words: 0, patience: setting.patience };
  const { both, meaning, embedding } = await site.run(`(${pluresdb})((${queries})(), ${JSON.stringify(size)})`);
  return [
    { figure: "making the vectors of WordNet", unit: "ms", spreads: [["PluresDB", spread([embedding])]] },
    { figure: "words and meaning, first 20", unit: "ms", goal: { middle: 10 }, spreads: [["PluresDB", spread(both)]] },
    { figure: "meaning, first 20", unit: "ms", spreads: [["PluresDB", spread(meaning)]] },
  ];
}

/* What follows runs inside pages. */
/* global window */

async function pluresdb(make, size) {
  const { entries, pairs } = await make(size);
  const { staticModel } = await import("/pluresdb/embed.js");
  const embedder = await staticModel();
  const db = await window.pluresdb.open("memory://");
  await db.defineType({
    name: "Entry",
    language: "en",
    fields: {
      lemmas: { type: "string", full_text: { weight: 3 } },
      gloss: { type: "string", full_text: true },
      meaning: { kind: "vector", dimension: 256, embed_from: ["lemmas", "gloss"] },
    },
  });
  async function* lines() {
    for (const { id, lemmas, gloss } of entries) {
      yield `${JSON.stringify({ id, type: "Entry", data: { lemmas, gloss } })}\n`;
    }
  }
  await db.importJsonl(lines());
  const timed = async (work) => {
    const begun = performance.now();
    await work();
    return performance.now() - begun;
  };
  const embedding = await timed(() => db.embed(embedder));
  const search = (mode) => async ([a, b]) =>
    timed(() => db.search(`${a} ${b}`, { type: "Entry", limit: 20, mode, embedder }));
  // The first reads all vectors.
  await search("hybrid")(pairs[0]);
  const [both, meaning] = [[], []];
  for (const pair of pairs) both.push(await search("hybrid")(pair));
  for (const pair of pairs) meaning.push(await search("meaning")(pair));
  return { both, meaning, embedding };
}
