/* global window, indexedDB, IDBDatabase, IDBKeyRange, IDBObjectStore -- inside pages */

import assert from "node:assert/strict";
import { test } from "node:test";
import { killWhileWriting } from "../../soak/kills.mjs";
import { launch } from "../lib/chromium.mjs";
import { waitFor } from "../lib/eventually.mjs";
import { browserSite } from "../lib/package-page.mjs";

/** Opens `idb://name` as `window.db`. */
const open = (page, name) =>
  page.evaluate(async (url) => {
    window.db = await window.pluresdb.open(url);
  }, `idb://${name}`);

async function reopen(page, name) {
  await page.reload();
  await page.waitForFunction(() => window.pluresdb !== undefined);
  await open(page, name);
}

/** Imports nodes that do not compress, enough for a checkpoint, and waits for it. */
const importAndCheckpoint = (page, name, first, count) =>
  page.evaluate(
    async ([name, first, count]) => {
      const meta = async () => {
        const opening = indexedDB.open(`pluresdb:${name}`);
        await new Promise((resolve) => (opening.onsuccess = resolve));
        const reading = opening.result.transaction("meta").objectStore("meta").get("newest");
        await new Promise((resolve) => (reading.onsuccess = resolve));
        opening.result.close();
        return String(reading.result);
      };
      const before = await meta();
      const noise = () => Array.from({ length: 40 }, () => Math.random().toString(36)).join("");
      const lines = Array.from({ length: count }, (_, at) =>
        JSON.stringify({ id: `n${first + at}`, type: "Noise", data: { noise: noise() } }),
      );
      await window.db.importJsonl(lines.join("\n"));
      for (let tries = 0; (await meta()) === before; tries += 1) {
        if (tries > 200) throw new Error("no checkpoint came");
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    [name, first, count],
  );

/** Runs `change(meta, chunks)` on the stores of a database that no page has open. */
const damage = (page, name, change) =>
  page.evaluate(
    async ([name, change]) => {
      const opening = indexedDB.open(`pluresdb:${name}`);
      await new Promise((resolve) => (opening.onsuccess = resolve));
      const transaction = opening.result.transaction(["meta", "chunks"], "readwrite");
      const done = new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = reject;
      });
      new Function("meta", "chunks", `(${change})(meta, chunks)`)(
        transaction.objectStore("meta"),
        transaction.objectStore("chunks"),
      );
      await done;
      opening.result.close();
    },
    [name, String(change)],
  );

const facts = (page) =>
  page.evaluate(async () => {
    const { nodes, storageError, actor } = await window.db.status();
    return { nodes, storageError, actor, hash: await window.db.stateHash() };
  });

test("what was awaited is there after a reload, under the same space and actor", async (t) => {
  const page = await (await browserSite(t)).open();
  await open(page, "reload");
  const before = await page.evaluate(async () => {
    const { db } = window;
    await db.put({ id: "a", type: "Note", data: { text: "kept", bytes: new Uint8Array([1, 2]), big: 2n ** 60n } });
    await db.put({ id: "b", type: "Note", data: {} });
    await db.link({ source: "a", label: "next", target: "b" });
    await db.delete("b");
    return { space: db.space, actor: db.actor, hash: await db.stateHash() };
  });
  await reopen(page, "reload");
  const after = await page.evaluate(async () => {
    const { db } = window;
    const { data } = await db.get("a");
    assertEqual(String(data.bytes), "1,2");
    assertEqual(data.big, 2n ** 60n);
    assertEqual(await db.get("b"), null);
    return { space: db.space, actor: db.actor, hash: await db.stateHash() };
    function assertEqual(found, wanted) {
      if (found !== wanted) throw new Error(`${found} is not ${wanted}`);
    }
  });
  assert.deepEqual(after, before);
});

test("every write is strict: the browser says so", async (t) => {
  const page = await (await browserSite(t)).open({ here: true });
  const durabilities = await page.evaluate(async () => {
    const seen = [];
    const { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = function (...parts) {
      const opened = transaction.apply(this, parts);
      if (opened.mode === "readwrite") seen.push(opened.durability);
      return opened;
    };
    const db = await window.pluresdb.open("idb://strict");
    await db.put({ type: "Note", data: {} });
    return seen;
  });
  assert.ok(durabilities.length >= 2, "the space, the actor and the record were written");
  assert.deepEqual([...new Set(durabilities)], ["strict"]);
});

test("relaxed writes are relaxed where that was asked for, and durable() is strict once", async (t) => {
  const page = await (await browserSite(t)).open({ here: true });
  const told = await page.evaluate(async () => {
    const seen = [];
    const { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = function (...parts) {
      const opened = transaction.apply(this, parts);
      if (opened.mode === "readwrite") seen.push(opened.durability);
      return opened;
    };
    const db = await window.pluresdb.open("idb://relaxed", { durability: "relaxed" });
    const during = async (work) => {
      seen.length = 0;
      await work();
      return seen.join();
    };
    const put = (tx) => tx.put({ type: "Note", data: {} });
    const stored = async (db) => {
      while ((await db.status()).unsaved > 0) await new Promise((resolve) => setTimeout(resolve, 1));
    };
    const together = () => Promise.all([put(db), db.transaction(put, { durability: "strict" })]);
    const steps = [
      () => put(db), () => stored(db), () => db.durable(), () => db.durable(),
      () => db.transaction(put, { durability: "strict" }), () => db.durable(), together,
      () => put(db), () => stored(db), () => db.close(),
    ];
    const told = [];
    for (const step of steps) told.push(await during(step));
    const strict = await window.pluresdb.open("idb://relaxed");
    told.push(await during(() => strict.transaction(put, { durability: "relaxed" })));
    told.push(await during(() => stored(strict)));
    told.push((await strict.list()).length);
    return told;
  });
  const one = ["", "relaxed", "strict", ""];
  assert.deepEqual(told, [...one, "strict", "", "strict", "", "relaxed", "strict", "", "relaxed", 6]);
});

test("relaxed writes are stored while a program writes without a pause", async (t) => {
  const page = await (await browserSite(t)).open({ here: true });
  const stored = await page.evaluate(async () => {
    const db = await window.pluresdb.open("idb://busy", { durability: "relaxed" });
    const until = performance.now() + 1_000;
    let most = 0;
    let n = 0;
    while (performance.now() < until) {
      await db.put({ type: "Note", data: {} });
      n += 1;
      most = Math.max(most, (await db.status()).unsaved);
    }
    return { n, most };
  });
  assert.ok(stored.most < stored.n / 2, `${stored.most} of ${stored.n} writes waited to be stored`);
});

test("a relaxed write after one that could not be stored fails with the reason, until storing works", async (t) => {
  const page = await (await browserSite(t)).open({ here: true });
  const told = await page.evaluate(async () => {
    const db = await window.pluresdb.open("idb://failing", { durability: "relaxed" });
    const { add } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.add = () => { throw new DOMException("no room", "QuotaExceededError"); };
    const put = (id) => db.put({ id, type: "Note", data: {} }).then(() => "written", ({ code }) => code);
    const told = [await put("a")];
    while ((await db.status()).storageError === null) await new Promise((resolve) => setTimeout(resolve, 1));
    told.push(await put("b"));
    IDBObjectStore.prototype.add = add;
    told.push(await put("c"));
    await db.close();
    const again = await window.pluresdb.open("idb://failing");
    told.push((await again.list()).map(({ id }) => id).join());
    return told;
  });
  assert.deepEqual(told, ["written", "storage", "written", "a,b,c"]);
});

test("durable() also makes durable what a page before or another tab stored relaxed", async (t) => {
  const site = await browserSite(t);
  const [one, two] = [await site.open({ here: true }), await site.open({ here: true })];
  const putRelaxed = (id) => one.evaluate(async (id) => {
    window.db ??= await window.pluresdb.open("idb://softened", { durability: "relaxed" });
    await window.db.put({ id, type: "Note", data: {} });
    while ((await window.db.status()).unsaved > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }, id);
  const durable = () => two.evaluate(async () => {
    window.seen.length = 0;
    await window.db.durable();
    return window.seen.join();
  });
  await putRelaxed("a");
  await two.evaluate(async () => {
    window.seen = [];
    window.db = await window.pluresdb.open("idb://softened");
    const { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = function (...parts) {
      const opened = transaction.apply(this, parts);
      if (opened.mode === "readwrite") window.seen.push(opened.durability);
      return opened;
    };
  });
  const told = [await durable(), await durable()];
  await putRelaxed("b");
  await waitFor(two, "b");
  told.push(await durable(), await durable());
  assert.deepEqual(told, ["strict", "", "strict", ""]);
});

test("writes that wait together share a transaction, and a value in it", async (t) => {
  const page = await (await browserSite(t)).open({ here: true });
  await open(page, "group");
  const appends = await page.evaluate(async () => {
    let count = 0;
    const { add } = IDBObjectStore.prototype;
    const transactions = new Set();
    IDBObjectStore.prototype.add = function (...parts) {
      count += 1;
      transactions.add(this.transaction);
      return add.apply(this, parts);
    };
    await Promise.all(Array.from({ length: 200 }, (_, n) => window.db.put({ type: "Note", data: { n } })));
    await window.db.close();
    return { values: count, transactions: transactions.size };
  });
  assert.ok(appends.values <= 3, `${appends.values} values`);
  assert.ok(appends.transactions <= 3, `${appends.transactions} transactions`);
  await open(page, "group");
  assert.equal((await facts(page)).nodes, 200);
});

test("a killed browser loses nothing that was awaited", async () => {
  const { kills, acknowledged, broken } = await killWhileWriting({ launch, kills: 5 });
  assert.deepEqual(broken, []);
  assert.equal(kills, 5);
  assert.ok(acknowledged >= 25, `only ${acknowledged} writes`);
});

test("an image, then records behind it, then another image", async (t) => {
  const page = await (await browserSite(t)).open();
  await open(page, "images");
  await importAndCheckpoint(page, "images", 0, 500);
  await page.evaluate(() => window.db.put({ id: "after", type: "Note", data: {} }));
  const first = await facts(page);
  assert.equal(first.nodes, 501);
  await reopen(page, "images");
  assert.deepEqual(await facts(page), first);

  await importAndCheckpoint(page, "images", 500, 500);
  const second = await facts(page);
  assert.equal(second.nodes, 1001);
  await reopen(page, "images");
  assert.deepEqual(await facts(page), second);
});

const damages = {
  manifest: (meta) => {
    meta.get("newest").onsuccess = ({ target }) => {
      const bytes = target.result;
      bytes[10] ^= 1;
      meta.put(bytes, "newest");
    };
  },
  "chunk that only the newest has": (meta, chunks) => {
    const hashes = (bytes) =>
      Array.from({ length: (bytes.length - 49) / 32 }, (_, n) => bytes.slice(17 + 32 * n, 49 + 32 * n));
    meta.getAll(IDBKeyRange.bound("newest", "previous")).onsuccess = ({ target }) => {
      const [newest, previous] = target.result.map(hashes);
      const old = new Set(previous.map(String));
      const own = newest.filter((hash) => !old.has(String(hash)));
      if (own.length === 0) throw new Error("the two images are the same");
      const key = own.at(-1);
      chunks.get(key).onsuccess = ({ target: { result } }) => {
        result[result.length >> 1] ^= 1;
        chunks.put(result, key);
      };
    };
  },
};

for (const [what, change] of Object.entries(damages)) {
  test(`a damaged newest checkpoint (${what}) costs nothing`, async (t) => {
    const page = await (await browserSite(t)).open();
    await open(page, "damage");
    await importAndCheckpoint(page, "damage", 0, 300);
    await importAndCheckpoint(page, "damage", 300, 300);
    await page.evaluate(() => window.db.put({ id: "after", type: "Note", data: {} }));
    const before = await facts(page);
    await page.evaluate(() => window.db.close());
    await damage(page, "damage", change);

    await reopen(page, "damage");
    assert.deepEqual(await facts(page), before);
    // And goes on as if nothing had been: the next checkpoint is a whole one.
    await importAndCheckpoint(page, "damage", 600, 300);
    const later = await facts(page);
    await reopen(page, "damage");
    assert.deepEqual(await facts(page), later);
    assert.equal(later.nodes, 901);
  });
}

test("a full disk fails the write, keeps it in memory, and stores it once there is room", async (t) => {
  const site = await browserSite(t);
  const page = await site.open();
  const devtools = await site.context.newCDPSession(page);
  const quota = (bytes) => devtools.send("Storage.overrideQuotaForOrigin", { origin: site.url, ...bytes });
  // Before the database is opened: the browser remembers for some seconds how much room there was.
  await quota({ quotaSize: 200_000 });
  await open(page, "full");
  const full = await page.evaluate(async () => {
    const data = { noise: Array.from({ length: 20_000 }, () => Math.random().toString(36)).join("") };
    const failed = await window.db.put({ id: "kept", type: "Note", data }).catch((error) => error);
    return { code: failed.code, message: failed.message, status: await window.db.status() };
  });
  assert.equal(full.code, "storage");
  assert.match(full.message, /storage for this site is full/);
  assert.equal(full.status.unsaved, 1);
  assert.match(full.status.storageError, /full/);
  assert.equal((await page.evaluate(() => window.db.get("kept"))).id, "kept");

  await quota({});
  for (let tries = 0; (await facts(page)).storageError !== null; tries += 1) {
    assert.ok(tries < 100, "it was not tried again");
    await page.waitForTimeout(50);
  }
  await page.evaluate(() => window.db.durable());
  await reopen(page, "full");
  assert.equal((await facts(page)).nodes, 1);
});

test("counters, sets, texts and lists are as they were after a reload, and go on from there", async (t) => {
  const page = await (await browserSite(t)).open();
  await open(page, "fields");
  const change = () =>
    page.evaluate(async () => {
      const { db } = window;
      await db.increment("n", "votes");
      await db.transaction(async (tx) => {
        tx.addToSet("n", "tags", [(await tx.get("n")).data.votes]);
        tx.editText("n", ["deep", "body"], [{ at: 0, insert: "🦀" }]);
        tx.editList("n", "steps", [{ at: 0, insert: [new Uint8Array([1])] }]);
      });
      const { data } = await db.get("n");
      const update = await db.fieldUpdate("n", ["deep", "body"], "text");
      return { ...data, steps: data.steps.map(String), update: update.length > 0, hash: await db.stateHash() };
    });
  await page.evaluate(() => window.db.put({ id: "n", type: "Note", data: { deep: { body: "x" } } }));
  const first = await change();
  await reopen(page, "fields");
  assert.equal(await page.evaluate(() => window.db.stateHash()), first.hash);
  const { hash, ...second } = await change();
  assert.notEqual(hash, first.hash);
  assert.deepEqual(second, { deep: { body: "🦀🦀x" }, steps: ["1", "1"], tags: [1, 2], update: true, votes: 2 });
});

test("an empty database takes an image, one with content does not", async (t) => {
  const page = await (await browserSite(t)).open();
  const outcome = await page.evaluate(async () => {
    const source = await window.pluresdb.open("memory://");
    await source.put({ id: "a", type: "Note", data: { text: "from the image" } });
    const image = await source.image();
    const first = await window.pluresdb.open("idb://image", { image });
    await first.put({ id: "b", type: "Note", data: {} });
    await first.close();
    const again = await window.pluresdb.open("idb://image", { image }).catch((error) => error.code);
    const found = await window.pluresdb.open("idb://image");
    return { again, nodes: (await found.list()).map(({ id }) => id), same: found.space === source.space };
  });
  assert.deepEqual(outcome, { again: "exists", nodes: ["a", "b"], same: true });
});

test("a database that is deleted while open says so and keeps its content in memory", async (t) => {
  const page = await (await browserSite(t)).open();
  await open(page, "gone");
  const outcome = await page.evaluate(async () => {
    const { db } = window;
    await db.put({ id: "a", type: "Note", data: {} });
    const deleting = indexedDB.deleteDatabase("pluresdb:gone");
    await new Promise((resolve) => (deleting.onsuccess = resolve));
    const failed = await db.put({ id: "b", type: "Note", data: {} }).catch((error) => error);
    return { code: failed.code, message: failed.message, nodes: (await db.list()).length };
  });
  assert.equal(outcome.code, "deleted");
  assert.match(outcome.message, /deleted while it was open/);
  assert.equal(outcome.nodes, 2);
});
