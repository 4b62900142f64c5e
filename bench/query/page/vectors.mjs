/**
 * The nearest of many vectors in a page: vectors in clusters, as texts of some subjects give them, the same for all.
 * PluresDB answers with whole nodes, from a database in memory; the peers with numbers of vectors. What the
 * loop finds is exact; what a peer finds of it is in its name, or how many vectors it has where it did not take all in time.
 */

import { spread, told } from "../../lib/spread.mjs";

const TOP = 10;
const peers = [
  ["PluresDB", pluresdb],
  ["loop over Float32Array", loop],
  ["hnswlib-wasm", hnswlib],
  ["voy-search", voySearch],
];

export async function measure(site, setting) {
  const size = {
    count: setting.size(100_000, 2_000),
    dimension: 256,
    searches: setting.size(200, 10),
    top: TOP,
    // A peer that has not taken all vectors by then is asked with those that it has.
    patience: setting.patience,
  };
  const spreads = [];
  const built = [];
  const first = [];
  const inserts = [];
  let exact = [];
  for (const [name, work] of peers.toSorted(([name]) => (name.startsWith("loop") ? -1 : 1))) {
    const { times, found, held, building, opening, inserting } = await site.run(`(${work})((${draw})(${JSON.stringify(size)}), ${JSON.stringify(size)})`);
    if (name.startsWith("loop")) exact = found;
    const right = found.flatMap((ids, at) => ids.filter((id) => exact[at].includes(id))).length;
    const recall = right / (exact.length * TOP);
    const whole = held === size.count;
    const part = whole ? ` (recall ${recall.toFixed(3)})` : `, ${held} vectors`;
    const shown = name === "PluresDB" ? name : name + part;
    if (name === "PluresDB" && recall < 0.98) throw new Error(`PluresDB found ${recall} of the nearest`);
    spreads.push([shown, spread(times)]);
    if (building !== undefined) built.push([name, told(whole ? [building] : null, size.patience)]);
    if (opening !== undefined) first.push([name, spread([opening])]);
    if (inserting !== undefined) inserts.push([name, spread(inserting)]);
  }
  spreads.sort(([name]) => (name === "PluresDB" ? -1 : 1));
  const all = `${size.count} x ${size.dimension}`;
  return [
    { figure: `nearest ${TOP} of ${all}`, unit: "ms", goal: { middle: 2 }, spreads },
    { figure: `taking in ${all}`, unit: "ms", spreads: built.toSorted(([name]) => (name === "PluresDB" ? -1 : 1)) },
    { figure: `first search of ${all}, which reads all`, unit: "ms", spreads: first },
    { figure: "write of a vector, and the search that finds it", unit: "ms", goal: null, spreads: inserts },
  ];
}

/** Vectors in 200 clusters, and as many more to search for, from a seed. */
function draw({ count, dimension, searches }) {
  let state = 7;
  const number = () => {
    let sum = 0;
    for (let n = 0; n < 4; n += 1) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      sum += state / 2 ** 32;
    }
    return sum - 2;
  };
  const middles = Array.from({ length: 200 }, () => Float32Array.from({ length: dimension }, number));
  const vector = () => {
    const middle = middles[Math.floor(Math.abs(number()) * 1e6) % middles.length];
    const made = middle.map((one) => 0.5 + one + 0.7 * number());
    const length = Math.hypot(...made);
    return made.map((one) => one / length);
  };
  return {
    vectors: Array.from({ length: count }, vector),
    asked: Array.from({ length: searches }, vector),
  };
}

/* What follows runs inside pages, each function for itself. */
/* global window */

async function pluresdb({ vectors, asked }, size) {
  const db = await window.pluresdb.open("memory://", { textIndex: false });
  const meaning = { kind: "vector", dimension: size.dimension, embed_from: ["title"] };
  await db.defineType({ name: "Doc", fields: { title: { type: "string" }, meaning } });
  async function* lines() {
    for (let n = 0; n < size.count; n += 1) {
      yield `${JSON.stringify({ id: `d${n}`, type: "Doc", data: { title: `Document ${n}` } })}\n`;
    }
  }
  const start = performance.now();
  await db.importJsonl(lines());
  const embedder = {
    model: "drawn",
    dimension: size.dimension,
    embed: async (texts) => texts.map((text) => vectors[Number(text.trim().slice(9))]),
  };
  await db.embed(embedder, { batch: 2_000 });
  const building = performance.now() - start;
  const nearest = (vector) => db.nearest("Doc", "meaning", vector, { limit: size.top });
  let begun = performance.now();
  await nearest(asked[0]);
  const opening = performance.now() - begun;
  const times = [];
  const found = [];
  for (const vector of asked) {
    begun = performance.now();
    const hits = await nearest(vector);
    times.push(performance.now() - begun);
    found.push(hits.map(({ node }) => Number(node.id.slice(1))));
  }
  const inserting = [];
  for (let n = 0; n < 50; n += 1) {
    const vector = vectors[n].map((one, at) => (at % 2 === 0 ? one : -one));
    begun = performance.now();
    await db.put({ id: `new${n}`, type: "Doc", data: { meaning: vector } });
    const [hit] = await db.nearest("Doc", "meaning", vector, { limit: 1 });
    inserting.push(performance.now() - begun);
    if (hit.node.id !== `new${n}`) throw new Error("a vector was not found after it was written");
  }
  return { times, found, held: size.count, building, opening, inserting };
}

async function loop({ vectors, asked }, size) {
  const all = new Float32Array(size.count * size.dimension);
  vectors.forEach((vector, n) => { all.set(vector, n * size.dimension); });
  const times = [];
  const found = [];
  for (const vector of asked) {
    const begun = performance.now();
    const best = [];
    let least = -Infinity;
    for (let n = 0, at = 0; n < size.count; n += 1) {
      let dot = 0;
      for (let place = 0; place < size.dimension; place += 1, at += 1) dot += vector[place] * all[at];
      if (dot <= least) continue;
      best.push([dot, n]);
      best.sort(([a], [b]) => b - a);
      if (best.length > size.top) best.pop();
      if (best.length === size.top) [least] = best.at(-1);
    }
    times.push(performance.now() - begun);
    found.push(best.map(([, n]) => n));
  }
  return { times, found, held: size.count };
}

async function hnswlib({ vectors, asked }, size) {
  const { loadHnswlib } = await import("/peers/hnswlib-wasm/dist/hnswlib.js");
  const lib = await loadHnswlib();
  const index = new lib.HierarchicalNSW("cosine", size.dimension, "");
  index.initIndex(size.count, 16, 200, 100);
  const start = performance.now();
  const until = start + size.patience;
  let held = 0;
  while (held < size.count && performance.now() < until) {
    index.addPoint(vectors[held], held, false);
    held += 1;
  }
  const building = performance.now() - start;
  index.setEfSearch(64);
  const times = [];
  const found = [];
  for (const vector of asked) {
    const begun = performance.now();
    const { neighbors } = index.searchKnn(vector, size.top, undefined);
    times.push(performance.now() - begun);
    found.push([...neighbors]);
  }
  return { times, found, held, building };
}

async function voySearch({ vectors, asked }, size) {
  // As its own entry does it with the help of a bundler.
  const voy = await import("/peers/voy-search/voy_search_bg.js");
  const bytes = await (await fetch("/peers/voy-search/voy_search_bg.wasm")).arrayBuffer();
  const { instance } = await WebAssembly.instantiate(bytes, { "./voy_search_bg.js": voy });
  voy.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start?.();
  const start = performance.now();
  const until = start + size.patience;
  let index;
  let held = 0;
  // It takes all at once, or some more at a time.
  const part = 1_000;
  while (held < size.count && performance.now() < until) {
    const embeddings = vectors.slice(held, held + part).map((vector, at) => {
      const id = String(held + at);
      return { id, title: id, url: id, embeddings: [...vector] };
    });
    if (index === undefined) index = new voy.Voy({ embeddings });
    else index.add({ embeddings });
    held += embeddings.length;
  }
  const building = performance.now() - start;
  const times = [];
  const found = [];
  for (const vector of asked) {
    const begun = performance.now();
    const { neighbors } = index.search(vector, size.top);
    times.push(performance.now() - begun);
    found.push(neighbors.map(({ id }) => Number(id)));
  }
  return { times, found, held, building };
}
