/* global window, indexedDB, IDBDatabase, IDBObjectStore -- inside pages */

import assert from "node:assert/strict";
import { test } from "node:test";
import { tabsWhileEnding } from "../../soak/tabs.mjs";
import { agree, until, waitFor } from "../lib/eventually.mjs";
import { browserSite } from "../lib/package-page.mjs";
import { recordsOf } from "../lib/records.mjs";

const open = (page, name) =>
  page.evaluate(async (url) => {
    window.db = await window.pluresdb.open(url);
    window.changes = [];
    window.db.onChange((change) => window.changes.push(change));
    return { actor: window.db.actor, space: window.db.space };
  }, `idb://${name}`);

const write = (page, prefix, count) =>
  page.evaluate(
    async ([prefix, count]) => {
      for (let n = 0; n < count; n += 1) {
        await window.db.put({ id: `${prefix}${n}`, type: "Note", data: { [prefix]: n } });
        await window.db.put({ id: "shared", type: "Note", data: { [prefix]: n } });
      }
    },
    [prefix, count],
  );

/** Sequence numbers by actor, as stored; a fork would be one number twice with different bytes. */
async function storedRecords(page, name) {
  const values = await page.evaluate(async (name) => {
    const opening = indexedDB.open(`pluresdb:${name}`);
    await new Promise((resolve) => (opening.onsuccess = resolve));
    const reading = opening.result.transaction("records").objectStore("records").getAll();
    await new Promise((resolve) => (reading.onsuccess = resolve));
    opening.result.close();
    return reading.result.map((value) => Array.from(value));
  }, name);
  return values.flatMap((value) => recordsOf(Uint8Array.from(value))).map((bytes) => ({
    actor: Buffer.from(bytes.subarray(20, 36)).toString("hex"),
    seq: Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(36, true)),
    bytes: Buffer.from(bytes).toString("hex"),
  }));
}

function assertNoFork(records) {
  const seen = new Map();
  for (const { actor, seq, bytes } of records) {
    const place = `${actor} ${seq}`;
    assert.equal(seen.get(place) ?? bytes, bytes, `two records at ${place}`);
    seen.set(place, bytes);
  }
  return new Set(records.map(({ actor }) => actor));
}

test("two tabs write at once, see each other's writes and never as one actor", async (t) => {
  const site = await browserSite(t);
  const [one, two] = [await site.open(), await site.open()];
  const [first, second] = await Promise.all([open(one, "pair"), open(two, "pair")]);
  assert.equal(first.space, second.space);
  assert.notEqual(first.actor, second.actor);

  await Promise.all([write(one, "a", 30), write(two, "b", 30)]);
  await agree(one, two);
  // One that does not write hears of it as well.
  await write(one, "c", 1);
  await agree(one, two);
  const changes = await two.evaluate(() => window.changes);
  const fromOther = changes.filter(({ origin }) => origin === "tab").flatMap(({ nodes }) => nodes);
  assert.ok(fromOther.includes("a29") && !fromOther.includes("b29"), "changes of the other tab are told as such");

  const actors = assertNoFork(await storedRecords(one, "pair"));
  assert.deepEqual(actors, new Set([first.actor, second.actor]));
  assert.equal((await one.evaluate(() => window.db.status())).records, 122);
});

test("a tab that closed leaves its actor to the next, with all its records", async (t) => {
  const site = await browserSite(t);
  const staying = await site.open();
  const { actor } = await open(staying, "lease");
  const actors = new Set();
  for (let round = 0; round < 6; round += 1) {
    const page = await site.open();
    actors.add((await open(page, "lease")).actor);
    // Closed without a word, with a write under way.
    await page.evaluate(async (round) => {
      await window.db.put({ id: `r${round}`, type: "Note", data: {} });
      void window.db.put({ id: `maybe${round}`, type: "Note", data: {} });
    }, round);
    await page.close();
  }
  assert.equal(actors.has(actor), false);
  assert.equal(actors.size, 1, "one actor serves one tab after another");
  assertNoFork(await storedRecords(staying, "lease"));
  const late = await site.open();
  await open(late, "lease");
  await agree(staying, late);
  const ids = await late.evaluate(async () => (await window.db.list()).map(({ id }) => id));
  for (let round = 0; round < 6; round += 1) assert.ok(ids.includes(`r${round}`));
});

test("a tab that is alone tells nobody what it stores, and one that has company does", async (t) => {
  const site = await browserSite(t);
  const one = await site.open({ here: true });
  await one.evaluate(() => {
    const { postMessage } = BroadcastChannel.prototype;
    window.told = [];
    BroadcastChannel.prototype.postMessage = function (message) {
      window.told.push(message);
      postMessage.call(this, message);
    };
  });
  await open(one, "alone");
  await write(one, "a", 3);
  assert.deepEqual(await one.evaluate(() => window.told), ["hello"]);
  const two = await site.open({ here: true });
  await open(two, "alone");
  await write(one, "b", 1);
  await agree(one, two);
  assert.ok((await one.evaluate(() => window.told)).length >= 5, "an answer, and two messages for each of two writes");
});

test("a tab that was not heard as it came is found by the next write", async (t) => {
  const site = await browserSite(t);
  const [one, two] = [await site.open({ here: true }), await site.open({ here: true })];
  await open(one, "unheard");
  await two.evaluate(() => {
    window.postMessage = BroadcastChannel.prototype.postMessage;
    BroadcastChannel.prototype.postMessage = () => undefined;
    const { transaction } = IDBDatabase.prototype;
    window.reads = 0;
    IDBDatabase.prototype.transaction = function (stores, mode, options) {
      if (mode === "readonly") window.reads += 1;
      return transaction.call(this, stores, mode, options);
    };
  });
  await open(two, "unheard");
  const opened = await two.evaluate(() => {
    BroadcastChannel.prototype.postMessage = window.postMessage;
    return window.reads;
  });
  // The look that a tab takes a second after it has come: what is stored from now on it does not find by that.
  await two.waitForFunction((opened) => window.reads > opened, opened);
  await one.evaluate(() => window.db.put({ id: "found", type: "Note", data: {} }));
  await waitFor(two, "found");
});

test("what a tab stored that ended before it could tell is read by the others", async (t) => {
  const site = await browserSite(t);
  const [staying, ending] = [await site.open(), await site.open({ here: true })];
  await open(staying, "untold");
  await open(ending, "untold");
  await ending.evaluate(async () => {
    const { add } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.add = function (...parts) {
      // Nothing is heard of this tab from the moment on in which its write is stored.
      this.transaction.addEventListener("complete", () => (BroadcastChannel.prototype.postMessage = () => undefined));
      return add.apply(this, parts);
    };
    await window.db.put({ id: "untold", type: "Note", data: {} });
  });
  await ending.close();
  await waitFor(staying, "untold");
});

test("storage itself refuses a second writer of one actor, should locks ever fail, and it goes on as another", async (t) => {
  const site = await browserSite(t);
  const pages = [await site.open({ here: true }), await site.open({ here: true })];
  await open(pages[0], "fence");
  await pages[0].evaluate(() => window.db.close());
  const actors = [];
  for (const page of pages) {
    await page.evaluate(() => {
      navigator.locks.request = async (name, options, body) => body({ name });
    });
    actors.push((await open(page, "fence")).actor);
  }
  assert.equal(actors[0], actors[1]);
  const outcomes = await Promise.all(
    pages.map((page, at) =>
      page.evaluate(async (at) => {
        const put = (_, n) => window.db.put({ id: `${at}-${n}`, type: "Note", data: {} });
        const settled = await Promise.allSettled(Array.from({ length: 50 }, put));
        const refused = settled.filter(({ status }) => status === "rejected");
        return { refused: refused.length, why: refused[0]?.reason.message };
      }, at),
    ),
  );
  const [loser] = outcomes.filter(({ refused }) => refused > 0);
  assert.ok(loser, "one of them was refused");
  assert.match(loser.why, /another tab has written as this one/);
  // What was refused is tried again, by an actor of its own.
  await agree(pages[0], pages[1]);
  for (const page of pages) {
    await until(page, async () => (await window.db.list({ limit: 200 })).length === 100);
    await until(page, async () => (await window.db.status()).unsaved === 0);
  }
  assertNoFork(await storedRecords(pages[0], "fence"));
  const late = await site.open();
  await open(late, "fence");
  await agree(pages[0], late);
});

test("a tab that missed two checkpoints begins again from the image and keeps its own writes", async (t) => {
  const site = await browserSite(t);
  const [sleeper, busy] = [await site.open({ here: true }), await site.open()];
  await open(sleeper, "sleeper");
  await open(busy, "sleeper");
  await sleeper.evaluate(async () => {
    await window.db.put({ id: "early", type: "Note", data: {} });
    // Deaf from now on, as a frozen tab is.
    const { getAll } = IDBObjectStore.prototype;
    window.wake = () => (IDBObjectStore.prototype.getAll = getAll);
    IDBObjectStore.prototype.getAll = () => {
      throw new DOMException("frozen", "AbortError");
    };
  });
  const noise = "const noise = () => Array.from({ length: 40 }, () => Math.random().toString(36)).join('');";
  for (let round = 0; round < 3; round += 1) {
    await busy.evaluate(
      async ([noise, round]) => {
        const line = new Function("id", `${noise} return JSON.stringify({ id, type: "Noise", data: { x: noise() } });`);
        const newest = async () => {
          const opening = indexedDB.open("pluresdb:sleeper");
          await new Promise((resolve) => (opening.onsuccess = resolve));
          const reading = opening.result.transaction("meta").objectStore("meta").get("newest");
          await new Promise((resolve) => (reading.onsuccess = resolve));
          opening.result.close();
          return String(reading.result);
        };
        const before = await newest();
        await window.db.importJsonl(Array.from({ length: 300 }, (_, n) => line(`x${round}-${n}`)).join("\n"));
        while ((await newest()) === before) await new Promise((resolve) => setTimeout(resolve, 50));
      },
      [noise, round],
    );
  }
  await sleeper.evaluate(async () => {
    window.wake();
    await window.db.put({ id: "late", type: "Note", data: {} });
  });
  await busy.evaluate(() => window.db.put({ id: "call", type: "Note", data: {} }));
  await agree(sleeper, busy);
  const status = await sleeper.evaluate(() => window.db.status());
  assert.equal(status.nodes, 903);
  assert.equal(status.storageError, null);
  const told = await sleeper.evaluate(() => window.changes.map(({ origin, nodes }) => `${origin} ${nodes.length}`));
  assert.ok(told.includes("tab 0"), "that anything may be another");
});

test("tabs that write, end and come back at random hold the same in the end, each write once", async () => {
  const { lives, acknowledged, broken } = await tabsWhileEnding({ tabs: 4, seconds: 8 });
  assert.deepEqual(broken, []);
  assert.ok(lives > 4 && acknowledged > 20, `${lives} lives, ${acknowledged} writes`);
});
