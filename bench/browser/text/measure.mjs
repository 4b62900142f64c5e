/**
 * Texts: the workloads of crdt-benchmarks on a text field and on the libraries that do texts alone, each workload in a new
 * tab. One that fails or takes longer than the limit is told in its place.
 */

import { Tabs } from "../tabs.mjs";
import { peers, workloads } from "./figures.mjs";

const LIMIT_MS = 20_000;
/** No more rounds are begun after this: what takes so long differs little from round to round. */
const PATIENCE_MS = 3_000;

/** By workload and peer: `{ apply, load, bytes, key }`, or `{ failed }` with the reason. */
export async function measure(url, { size }) {
  const count = size(6_000, 60);
  const rounds = size(3, 1);
  const found = Object.fromEntries(workloads.map(({ key }) => [key, {}]));
  for (const { key: peer, name } of peers) {
    console.error(`  ${name}`);
    const tabs = new Tabs(`${url}/text`, { limit: LIMIT_MS });
    try {
      for (const { key: workload, limit } of workloads) {
        found[workload][peer] = await rounded(() => tabs.within(() => tabs.call("run", peer, workload, count), limit), rounds, workload);
      }
    } finally {
      await tabs.close();
    }
  }
  return { count, found };
}

/** The round in the middle of some, by the time of applying. */
async function rounded(run, rounds, workload) {
  const done = [];
  const until = Date.now() + PATIENCE_MS;
  try {
    do done.push(await run());
    while (done.length < rounds && Date.now() < until);
  } catch ({ message: failed }) {
    console.error(`    ${workload}: ${failed}`);
    return { failed };
  }
  return done.toSorted((a, b) => a.apply - b.apply)[done.length >> 1];
}
