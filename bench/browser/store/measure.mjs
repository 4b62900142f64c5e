/**
 * Keeping documents in a page: each peer in a Chromium of its own, each step in a new tab. A step that fails or takes longer
 * than the limit is told in the place of its figures, and the browser is started anew on the same profile.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { spread } from "../../lib/spread.mjs";
import { Tabs } from "../tabs.mjs";
import { peers } from "./peers.mjs";

/** The figures of each peer by its key: a spread, `{ failed }` with the reason, or nothing where the peer cannot. */
export async function measure(url, { size, folder }) {
  const sizes = {
    count: size(100_000, 500),
    opens: size(3, 1),
    puts: size(100, 5),
    together: size(1_000, 20),
    rounds: size(3, 1),
    relaxed: size(500, 10),
    reads: size(1_000, 20),
    writes: size(30, 3),
    limit: size(60_000, 20_000),
  };
  const found = {};
  for (const peer of peers) {
    console.error(`  ${peer.name}`);
    const profile = await mkdtemp(join(folder, "profile-"));
    const tabs = new Tabs(`${url}/store`, { limit: sizes.limit, profile });
    try {
      found[peer.key] = await new Visit(peer, tabs, sizes).all();
    } finally {
      await tabs.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    }
  }
  return { count: sizes.count, found };
}

/** One peer's turn, with a profile of its own. */
class Visit {
  #peer;
  #tabs;
  #sizes;
  #found = {};

  constructor(peer, tabs, sizes) {
    this.#peer = peer;
    this.#tabs = tabs;
    this.#sizes = sizes;
  }

  async all() {
    const { count, opens, puts, together, rounds, relaxed, reads } = this.#sizes;
    for (let n = 0; n < opens; n += 1) await this.#step("opening", ["opening"], { name: `open-${n}` });
    await this.#step("strict", ["strict"], { name: "strict", puts });
    await this.#step("pipelined", ["pipelined"], { name: "pipelined", puts: together, rounds });
    if (this.#peer.durability.includes("relaxed")) await this.#step("relaxed", ["relaxed"], { name: "relaxed", puts: relaxed });
    await this.#step("load", ["load", "gap"], { name: "all", count });
    if (this.#found.load.failed) {
      for (const key of ["reopening", "get", "query", "tab"]) this.#found[key] = { failed: "not loaded" };
    } else {
      for (let n = 0; n < opens; n += 1) await this.#step("reopening", ["reopening"], { name: "all", count });
      await this.#step("reading", ["get", "query"], { name: "all", count, reads });
      await this.#figures(["tab"], () => this.#twoTabs());
    }
    return Object.fromEntries(
      Object.entries(this.#found).map(([key, found]) => [key, Array.isArray(found) ? spread(found) : found]),
    );
  }

  #step(step, keys, size) {
    return this.#figures(keys, () => this.#tabs.call("step", this.#peer.key, step, size));
  }

  /** Times from the call of a put in one tab until another has seen it. */
  async #twoTabs() {
    const { writes } = this.#sizes;
    const [watching, writing] = [await this.#tabs.open(), await this.#tabs.open()];
    const watch = [this.#peer.key, { name: "all" }];
    if (!(await watching.evaluate((call) => globalThis.bench.watch(...call), watch))) return {};
    const write = [this.#peer.key, { name: "all", writes, pause: 50 }];
    const written = await writing.evaluate((call) => globalThis.bench.write(...call), write);
    await watching.waitForFunction((writes) => Object.keys(globalThis.seen).length >= writes, writes, { polling: 100 });
    const seen = await watching.evaluate(() => globalThis.seen);
    return { tab: Object.entries(written).map(([id, at]) => seen[id] - at) };
  }

  /** Adds what the work gives to what other rounds gave, or notes why it gives nothing; then no more rounds are done. */
  async #figures(keys, work) {
    if (keys.every((key) => this.#found[key]?.failed)) return;
    try {
      const values = await this.#tabs.within(work);
      for (const [key, list] of Object.entries(values)) this.#found[key] = [...(this.#found[key] ?? []), ...list];
    } catch ({ message: failed }) {
      console.error(`    ${keys.join(", ")}: ${failed}`);
      for (const key of keys) this.#found[key] = { failed };
    }
  }
}
