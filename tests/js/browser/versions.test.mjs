/* global window, indexedDB, IDBFactory -- inside pages */

// Two versions of the package at once: a tab that was open before the site was updated, and one with what came after.

import assert from "node:assert/strict";
import { test } from "node:test";
import { until, waitFor } from "../lib/eventually.mjs";
import { browserSite } from "../lib/package-page.mjs";

/** Opens `idb://versions`, as a version of the package whose layout is so many versions later does. */
const open = (page, later) =>
  page.evaluate(async (later) => {
    const { open } = IDBFactory.prototype;
    IDBFactory.prototype.open = function (name, version) {
      return version === undefined ? open.call(this, name) : open.call(this, name, version + later);
    };
    window.db = await window.pluresdb.open("idb://versions");
  }, later);

const put = (page, id) =>
  page.evaluate(
    (id) => window.db.put({ id, type: "Note", data: {} }).then(() => "stored", ({ code, hint }) => ({ code, hint })),
    id,
  );

const storageError = (page) => page.evaluate(async () => (await window.db.status()).storageError);

test("a later version waits for no tab of an earlier one, which says what it is and loses nothing", async (t) => {
  const site = await browserSite(t);
  const [old, reading, later] = [await site.open(), await site.open(), await site.open({ here: true })];
  await open(old, 0);
  await open(reading, 0);
  assert.equal(await put(old, "before"), "stored");

  await open(later, 1);
  assert.equal(await put(later, "later"), "stored");
  // One that only reads learns of it as well, as soon as the later one stores something.
  await until(reading, async () => (await window.db.status()).storageError?.includes("later version of PluresDB"));

  const { code, hint } = await put(old, "unsaved");
  assert.equal(code, "format");
  assert.match(hint, /[Rr]eload/);
  assert.match(await storageError(old), /later version of PluresDB/);
  assert.equal((await old.evaluate(() => window.db.status())).unsaved, 1);
  assert.equal(await old.evaluate(async () => (await window.db.get("unsaved")).id), "unsaved");

  // Loaded anew it has the later version, as the site serves it now.
  await reading.goto(`${site.url}/?here`);
  await reading.waitForFunction(() => window.pluresdb !== undefined);
  await open(reading, 1);
  await waitFor(reading, "later");
  await waitFor(reading, "before");
  assert.equal(await storageError(reading), null);
});

test("an earlier version does not open what a later one has brought to its layout", async (t) => {
  const site = await browserSite(t);
  const [later, old] = [await site.open({ here: true }), await site.open()];
  await open(later, 1);
  assert.equal(await put(later, "a"), "stored");
  const code = await open(old, 0).then(() => "opened", (error) => /later version of PluresDB/.test(error.message));
  assert.equal(code, true);
  assert.equal(await put(later, "b"), "stored");
});

test("what the first version stored, a value for each record, is read and written on", async (t) => {
  const site = await browserSite(t);
  const page = await site.open({ here: true });
  await open(page, 0);
  for (const id of ["a", "b", "c"]) assert.equal(await put(page, id), "stored");
  const layout = await page.evaluate(async () => {
    const { actor } = window.db;
    await window.db.close();
    const done = (request) => new Promise((resolve, reject) => {
      request.onsuccess = () => { resolve(request.result); };
      request.onerror = () => { reject(request.error); };
    });
    const stores = ["records", "chunks", "meta"];
    const found = await done(indexedDB.open("pluresdb:versions"));
    const now = found.version;
    const reading = found.transaction(stores);
    const kept = await Promise.all(stores.map(async (name) => {
      const store = reading.objectStore(name);
      const [keys, values] = await Promise.all([done(store.getAllKeys()), done(store.getAll())]);
      return keys.map((key, at) => [key, values[at]]);
    }));
    found.close();
    await done(indexedDB.deleteDatabase("pluresdb:versions"));
    const making = indexedDB.open("pluresdb:versions", 1);
    making.onupgradeneeded = () => {
      for (const [at, name] of stores.entries()) {
        const store = making.result.createObjectStore(name, { autoIncrement: name === "records" });
        for (const [key, value] of kept[at]) store.put(value, key);
      }
    };
    (await done(making)).close();
    window.db = await window.pluresdb.open("idb://versions");
    return { now, values: kept[0].map(([, value]) => value[0]), sameActor: window.db.actor === actor };
  });
  assert.notEqual(layout.now, 1);
  // The version of a record's form: none of them is a group.
  assert.deepEqual(layout.values, [1, 1, 1]);
  assert.equal(layout.sameActor, true);
  assert.equal(await storageError(page), null);
  assert.equal(await put(page, "d"), "stored");
  const ids = await page.evaluate(async () => {
    await window.db.close();
    window.db = await window.pluresdb.open("idb://versions");
    return (await window.db.list()).map(({ id }) => id);
  });
  assert.deepEqual(ids, ["a", "b", "c", "d"]);
});
