/**
 * What is done to each database, a step in a tab of its own. A peer is a module that exports
 *
 *   open(name, durability)   opens or makes a database, durability "strict" or "relaxed"; gives
 *     put(document)          resolves once it is stored as durably as was asked for, or as it can
 *     bulk(documents)        the same for many; resolves once all are stored
 *     get(id)                the whole document, or nothing
 *     query(owner, priority) the whole documents that have both, by an index; left out where it has none
 *     watch(owner, heard)    calls `heard(id)` for documents of an owner that another tab writes; left out where it cannot
 *     settled()              resolves once what it does in the background after a load is done; left out where there is none
 *     close()
 */

import { drawing } from "../../drawing.js";
import { documentNumber, documents, idOf, questionOf } from "./documents.js";

/** No more is begun after this: some calls tell as much as all where each is slow. */
const PATIENCE_MS = 10_000;

/** Times in milliseconds of `count` calls, one after another, told for `each` of them together: clocks of pages are coarse. */
async function timed(count, each, work) {
  const until = performance.now() + PATIENCE_MS;
  const times = [];
  for (let n = 0; n < count && performance.now() < until; n += each) {
    const begun = performance.now();
    for (let part = 0; part < each; part += 1) await work(n + part);
    times.push((performance.now() - begun) / each);
  }
  return times;
}

const { stringify } = JSON;
const sorted = (document) => stringify(Object.entries(document).sort(([a], [b]) => (a < b ? -1 : 1)));

/** A peer that gives back something else is not measured. */
function mustBe(found, wanted) {
  if (!found || sorted(found) !== sorted(wanted)) {
    throw new Error(`gave ${stringify(found)?.slice(0, 300)} for ${stringify(wanted).slice(0, 300)}`);
  }
}

async function asked(store, n, count) {
  const { owner, priority, found } = questionOf(n, count);
  const answer = await store.query(owner, priority);
  if (answer.length !== found) throw new Error(`found ${answer.length} of ${found} documents`);
  if (found > 0) mustBe(answer.find(({ id }) => id === idOf(n)), documentNumber(n));
}

export const steps = {
  /** From nothing loaded to the first write readable; `load` loads the peer. */
  async opening(load, { name }) {
    const document = documentNumber(0);
    const begun = performance.now();
    const peer = await load();
    const store = await peer.open(name, "strict");
    await store.put(document);
    const found = await store.get(document.id);
    const time = performance.now() - begun;
    mustBe(found, document);
    await store.close();
    return { opening: [time] };
  },

  async strict(load, { name, puts }) {
    const store = await (await load()).open(name, "strict");
    const some = documents(puts);
    const strict = await timed(puts, 1, (n) => store.put(some[n]));
    mustBe(await store.get(some[strict.length - 1].id), some[strict.length - 1]);
    await store.close();
    return { strict };
  },

  async pipelined(load, { name, puts, rounds }) {
    const store = await (await load()).open(name, "strict");
    const some = documents(puts * rounds);
    const times = await timed(rounds, 1, (round) =>
      Promise.all(some.slice(round * puts, (round + 1) * puts).map((document) => store.put(document))));
    mustBe(await store.get(some[times.length * puts - 1].id), some[times.length * puts - 1]);
    await store.close();
    return { pipelined: times.map((time) => (puts / time) * 1_000) };
  },

  async relaxed(load, { name, puts }) {
    const store = await (await load()).open(name, "relaxed");
    const some = documents(puts);
    const relaxed = (await timed(puts, Math.min(10, puts), (n) => store.put(some[n]))).map((time) => time * 1_000);
    await store.close();
    return { relaxed };
  },

  async load(load, { name, count }) {
    const store = await (await load()).open(name, "strict");
    const all = documents(count);
    let going = true;
    let gap = 0;
    let last = await new Promise((resolve) => { requestAnimationFrame(resolve); });
    const frame = (now) => {
      gap = Math.max(gap, now - last);
      last = now;
      if (going) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    const begun = performance.now();
    await store.bulk(all);
    const time = performance.now() - begun;
    // The frame that has waited for the end of it.
    await new Promise((resolve) => { requestAnimationFrame(resolve); });
    going = false;
    mustBe(await store.get(all.at(-1).id), all.at(-1));
    await store.settled?.();
    await store.close();
    return { load: [time / 1_000], gap: [gap] };
  },

  /** In a new tab: from nothing loaded to the first answer, of a query or else of a read by id. */
  async reopening(load, { name, count }) {
    const begun = performance.now();
    const store = await (await load()).open(name, "strict");
    if (store.query) await asked(store, count >> 1, count);
    else mustBe(await store.get(idOf(count >> 1)), documentNumber(count >> 1));
    const time = performance.now() - begun;
    await store.close();
    return { reopening: [time] };
  },

  async reading(load, { name, count, reads }) {
    const store = await (await load()).open(name, "strict");
    const below = drawing(7);
    const numbers = Array.from({ length: reads }, () => below(count));
    const each = Math.min(20, reads);
    for (const n of numbers.slice(0, 20)) mustBe(await store.get(idOf(n)), documentNumber(n));
    const get = (await timed(reads, each, (n) => store.get(idOf(numbers[n])))).map((time) => time * 1_000);
    if (!store.query) {
      await store.close();
      return { get };
    }
    for (const n of numbers.slice(0, 20)) await asked(store, n, count);
    const query = await timed(reads >> 1, each >> 1, (n) => {
      const { owner, priority } = questionOf(numbers[n], count);
      return store.query(owner, priority);
    });
    await store.close();
    return { get, query };
  },
};

/* Two tabs: what one writes, the other notes when it sees it. Both tell times of one clock. */

const owner = "owner-watched";
const now = () => performance.timeOrigin + performance.now();

/** Begins to watch; `seen` fills with times by id. False where the peer cannot. */
export async function watch(load, { name }) {
  const store = await (await load()).open(name, "strict");
  if (!store.watch) return false;
  const seen = {};
  globalThis.seen = seen;
  await store.watch(owner, (id) => { seen[id] ??= now(); });
  return true;
}

/** Writes one after another, with pauses that let each be seen; gives the times of the calls by id. */
export async function write(load, { name, writes, pause }) {
  const store = await (await load()).open(name, "strict");
  const written = {};
  for (let n = 0; n < writes; n += 1) {
    const document = { ...documentNumber(n), id: `watched-${n}`, owner };
    written[document.id] = now();
    await store.put(document);
    await new Promise((resolve) => { setTimeout(resolve, pause); });
  }
  return written;
}
