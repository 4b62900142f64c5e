/* global window, indexedDB, IDBFactory, IDBDatabase, IDBTransaction -- inside pages */

// An application hears of storage that fails without asking, whichever thread the engine is on; and what the browser grants.

import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../lib/eventually.mjs";
import { browserSite } from "../lib/package-page.mjs";

/** Opens a database and notes in `window.told` the codes it tells. */
const listen = (page, name) =>
  page.evaluate(async (url) => {
    window.db = await window.pluresdb.open(url);
    window.told = [];
    window.stop = window.db.onStorage(({ code, error, unsaved }) => window.told.push({ code, error, unsaved }));
  }, `idb://${name}`);

const told = (page) => page.evaluate(() => window.told);
const codes = async (page) => (await told(page)).map(({ code }) => code);

test("a failure to store is told once, and so is its end", async (t) => {
  const page = await (await browserSite(t)).open({ here: true });
  await listen(page, "fails");
  const failed = await page.evaluate(async () => {
    const { commit } = IDBTransaction.prototype;
    let left = 2;
    IDBTransaction.prototype.commit = function () {
      if (left === 0) return commit.call(this);
      left -= 1;
      return this.abort();
    };
    return window.db.put({ id: "a", type: "Note", data: {} }).then(() => null, ({ code }) => code);
  });
  assert.equal(failed, "storage");
  await until(page, () => window.told.length === 3);
  assert.deepEqual(await codes(page), [null, "storage", null]);
  assert.equal((await told(page))[1].unsaved, 1);
  assert.equal((await told(page))[2].unsaved, 0);
});

for (const here of [true, false]) {
  test(`a tab that does nothing hears of a later version at once, ${here ? "on the page's thread" : "in a worker"}`, async (t) => {
    const site = await browserSite(t);
    const [old, later] = [await site.open({ here }), await site.open({ here: true })];
    await listen(old, "told");
    await later.evaluate(async () => {
      const { open } = IDBFactory.prototype;
      IDBFactory.prototype.open = function (name, version) {
        return version === undefined ? open.call(this, name) : open.call(this, name, version + 1);
      };
      window.db = await window.pluresdb.open("idb://told");
    });
    await until(old, () => window.told.length === 2);
    assert.deepEqual(await codes(old), [null, "format"]);
    assert.match((await told(old))[1].error, /later version of PluresDB/);
    const { storageCode } = await old.evaluate(() => window.db.status());
    assert.equal(storageCode, "format");
  });
}

test("a tab that does nothing hears that its database was deleted, and one that listens no more does not", async (t) => {
  const site = await browserSite(t);
  const [one, other] = [await site.open(), await site.open()];
  await listen(one, "deleted");
  await listen(other, "deleted");
  await until(other, () => window.told.length === 1);
  await other.evaluate(() => { window.stop(); });
  await one.evaluate(() => new Promise((resolve) => (indexedDB.deleteDatabase("pluresdb:deleted").onsuccess = resolve)));
  await until(one, () => window.told.length === 2);
  assert.deepEqual(await codes(one), [null, "deleted"]);
  assert.deepEqual(await codes(other), [null]);
});

test("a connection that the browser closes is no failure to be told", async (t) => {
  const page = await (await browserSite(t)).open({ here: true });
  await page.evaluate(() => {
    const { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = function (...parts) {
      window.connection = this;
      return transaction.apply(this, parts);
    };
  });
  await listen(page, "closed");
  await page.evaluate(async () => {
    const before = window.connection;
    before.close();
    // As the browser does then.
    before.onclose();
    await window.db.put({ id: "a", type: "Note", data: {} });
    await new Promise((resolve) => setTimeout(resolve, 200));
  });
  assert.deepEqual(await codes(page), [null]);
});

for (const here of [true, false]) {
  test(`the status says what the browser grants the site, ${here ? "on the page's thread" : "in a worker"}`, async (t) => {
    const page = await (await browserSite(t)).open({ here });
    const { stored, memory } = await page.evaluate(async () => {
      const { open } = window.pluresdb;
      const [db, other] = [await open("idb://granted"), await open("memory://")];
      await db.put({ type: "Note", data: { text: "word ".repeat(1000) } });
      return {
        stored: { site: (await db.status()).site, persist: await db.persist() },
        memory: { site: (await other.status()).site, persist: await other.persist() },
      };
    });
    assert.deepEqual(Object.keys(stored.site), ["persisted", "usage", "quota"]);
    assert.equal(stored.site.persisted, false);
    assert.ok(stored.site.quota > 1_000_000);
    assert.ok(stored.site.usage >= 0);
    assert.equal(typeof stored.persist, "boolean");
    assert.deepEqual(memory, { site: null, persist: false });
  });
}
