/**
 * The figures of the demo page with all of WordNet: its import, a sync from a relay into an empty page, and
 * a reopening. Each in a browser of its own with a fresh profile, as a visitor has it.
 */

/* global requestAnimationFrame, indexedDB -- inside pages */

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { launch } from "../../tests/js/lib/chromium.mjs";
import { pluresdb, run, start } from "../../tests/js/lib/process.mjs";

const here = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const edges = 285_668;
const patience = { timeout: 300_000 };

/** Runs everything `rounds` times in `folder`; gives a list of values in milliseconds for each figure. */
export async function figures(folder, rounds) {
  const place = await mkdtemp(join(folder, "page-"));
  const closing = [() => rm(place, { recursive: true, force: true, maxRetries: 5 })];
  try {
    const serve = await start(
      pluresdb,
      ["serve", "--listen", "127.0.0.1:0", "--store", join(place, "relay.sqlite"), "--page", here("demo/dist")],
      /http:\/\/(127\.0\.0\.1:\d+)\//,
    );
    closing.push(serve.stop);
    const space = await fill(place, serve.match[1]);
    const found = {};
    for (let round = 0; round < rounds; round += 1) {
      const page = new Pages(serve.match[1], space);
      for (const [name, value] of Object.entries(await page.all())) (found[name] ??= []).push(value);
    }
    return found;
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

/** Puts WordNet on the relay; gives its space. */
async function fill(folder, relay) {
  const file = join(folder, "wordnet.pluresdb");
  await run(pluresdb, ["init", file]);
  const source = spawn(process.execPath, [here("scripts/wordnet-jsonl.mjs")], { stdio: ["ignore", "pipe", "inherit"] });
  await run(pluresdb, ["import", file, "-"], { input: source.stdout });
  await run(pluresdb, ["sync", file, `ws://${relay}/v1/sync`]);
  return JSON.parse(await run(pluresdb, ["status", file, "--json"])).space;
}

class Pages {
  constructor(relay, space) {
    this.relay = relay;
    this.space = space;
  }

  async all() {
    const { importing, gap } = await this.fresh((context) => this.import(context));
    const { syncing, reopening } = await this.fresh(async (context) => {
      const syncing = await this.sync(context);
      const reopening = [];
      for (let n = 0; n < 5; n += 1) reopening.push(await this.reopen(context));
      return { syncing, reopening: reopening.sort((a, b) => a - b)[2] };
    });
    return { importing, gap, syncing, reopening };
  }

  async fresh(work) {
    const browser = await launch();
    try {
      return await work(browser.context);
    } finally {
      await browser.close();
    }
  }

  address(db, relay) {
    return `http://${this.relay}/?${new URLSearchParams({ db, space: this.space, ...relay })}`;
  }

  /** The import, from the click until all of it is durable, and the longest time without a frame meanwhile. */
  async import(context) {
    const page = await context.newPage();
    await page.goto(this.address("import", { relay: "off" }));
    await page.locator("#import-button:enabled").waitFor(patience);
    return page.evaluate(async (edges) => {
      const { pluresdb, document } = globalThis;
      let gap = 0;
      let last = performance.now();
      const frame = () => {
        const now = performance.now();
        gap = Math.max(gap, now - last);
        last = now;
        requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
      const begun = performance.now();
      document.querySelector("#import-button").click();
      await new Promise((resolve) => setTimeout(resolve, 100));
      while (document.querySelector("#import-button").hidden) await new Promise((resolve) => setTimeout(resolve, 10));
      await pluresdb.durable();
      const importing = performance.now() - begun;
      const [found] = await pluresdb.query("SELECT count(*) AS n FROM edges");
      if (Number(found.n) !== edges) throw new Error(`${found.n} edges are there, not ${edges}`);
      return { importing, gap };
    }, edges);
  }

  /** From the address to all of it there and the sync settled. */
  async sync(context) {
    const page = await context.newPage();
    const begun = performance.now();
    await page.goto(this.address("sync", {}));
    await page.locator(`[data-testid="count-edges"][data-value="${edges}"]`).waitFor(patience);
    await page.locator('[data-testid="sync-state"][data-state="live"]').waitFor(patience);
    const syncing = performance.now() - begun;
    await page.evaluate(() => globalThis.pluresdb.durable());
    await this.checkpointed(page);
    await page.close();
    return syncing;
  }

  /** Waits until a checkpoint covers what was synced: until no chunk was added for a while. */
  async checkpointed(page) {
    const chunks = () =>
      page.evaluate(async () => {
        const opening = indexedDB.open("pluresdb:sync");
        await new Promise((resolve) => (opening.onsuccess = resolve));
        const counting = opening.result.transaction("meta").objectStore("meta").get("newest");
        await new Promise((resolve) => (counting.onsuccess = resolve));
        opening.result.close();
        return counting.result?.length ?? 0;
      });
    let before = -1;
    for (let same = 0; same < 3; ) {
      await page.waitForTimeout(2_000);
      const now = await chunks();
      same = now > 0 && now === before ? same + 1 : 0;
      before = now;
    }
  }

  /** From the navigation to the first answer of a query, in a new tab. */
  async reopen(context) {
    const page = await context.newPage();
    await page.addInitScript(() => {
      const watch = async () => {
        const db = globalThis.pluresdb;
        if (db === undefined || typeof db.query !== "function") return void setTimeout(watch, 1);
        const rows = await db.query("SELECT id, gloss FROM Synset WHERE id = 'n00001740'");
        globalThis.firstAnswer = { at: performance.now(), rows: rows.length };
      };
      void watch();
    });
    await page.goto(this.address("sync", { relay: "off" }));
    await page.waitForFunction(() => globalThis.firstAnswer !== undefined, undefined, patience);
    const { at, rows } = await page.evaluate(() => globalThis.firstAnswer);
    if (rows !== 1) throw new Error("the first query found nothing");
    await page.close();
    return at;
  }
}
