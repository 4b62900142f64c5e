/* global window, indexedDB -- inside pages */

// Storage that has lost or changed some of what it kept: it is told, and the rest is there.

import assert from "node:assert/strict";
import { test } from "node:test";
import { browserSite } from "../lib/package-page.mjs";
import { relay } from "../lib/relay.mjs";

const open = (page, name, options) =>
  page.evaluate(async ([url, options]) => void (window.db = await window.pluresdb.open(url, options)), [`idb://${name}`, options]);

const put = (page, id) =>
  page.evaluate(
    (id) => window.db.put({ id, type: "Note", data: {} }).then(() => "stored", ({ code, message, hint }) => ({ code, message, hint })),
    id,
  );

const facts = (page) =>
  page.evaluate(async () => {
    const { unsaved, storageError, storageCode, actor, space } = await window.db.status();
    return { unsaved, storageError, storageCode, actor, space, ids: (await window.db.list()).map(({ id }) => id) };
  });

/** Six notes in six records, and the database closed. */
async function six(page, name) {
  await open(page, name);
  const { space } = await facts(page);
  for (let n = 0; n < 6; n += 1) assert.equal(await put(page, `n${n}`), "stored");
  await page.evaluate(() => window.db.close());
  return space;
}

/** Runs `change(stores, keys)` on what is stored; `keys` are those of the records. */
const change = (page, name, work) =>
  page.evaluate(
    async ([name, work]) => {
      const done = (request) => new Promise((resolve, reject) => {
        request.onsuccess = () => { resolve(request.result); };
        request.onerror = () => { reject(request.error); };
      });
      const database = await done(indexedDB.open(`pluresdb:${name}`));
      const transaction = database.transaction(["records", "meta", "chunks"], "readwrite");
      const finished = new Promise((resolve) => (transaction.oncomplete = resolve));
      const [records, meta, chunks] = ["records", "meta", "chunks"].map((store) => transaction.objectStore(store));
      const keys = await done(records.getAllKeys());
      await new Function("stores", "keys", "done", `return (${work})(stores, keys, done)`)({ records, meta, chunks }, keys, done);
      await finished;
      database.close();
    },
    [name, String(work)],
  );

test("records that were stored and are gone are told by the open that finds it, once", async (t) => {
  const page = await (await browserSite(t)).open();
  await six(page, "gone");
  await change(page, "gone", ({ records }, keys) => records.delete(keys.at(-1)));
  await open(page, "gone");
  const found = await facts(page);
  assert.equal(found.storageCode, "lost");
  assert.match(found.storageError, /^1 records that were stored here are missing/);
  assert.deepEqual(found.ids, ["n0", "n1", "n2", "n3", "n4"]);
  assert.equal(await put(page, "next"), "stored");

  // From then on it is a database like any other, and writes as one actor.
  await page.evaluate(() => window.db.close());
  await open(page, "gone");
  const { actor, storageError } = await facts(page);
  assert.equal(storageError, null);
  assert.equal(await put(page, "last"), "stored");
  await page.evaluate(() => window.db.close());
  await open(page, "gone");
  assert.equal((await facts(page)).actor, actor);
});

test("what is left of damaged bytes that held several records is read, and that it was damaged is told", async (t) => {
  const page = await (await browserSite(t)).open();
  await open(page, "several");
  await page.evaluate(() => Promise.all(["a", "b", "c"].map((id) => window.db.put({ id, type: "Note", data: {} }))));
  await page.evaluate(() => window.db.close());
  await change(page, "several", async ({ records }, keys, done) => {
    const value = await done(records.get(keys[0]));
    if (keys.length !== 1 || value[0] !== 0) throw new Error("no group of records");
    records.put(value.slice(0, value.length - 10), keys[0]);
  });
  await open(page, "several");
  const found = await facts(page);
  assert.equal(found.storageCode, "damaged");
  assert.match(found.storageError, /^1 stored records cannot be used/);
  assert.deepEqual(found.ids, ["a", "b"]);
  assert.equal(await put(page, "next"), "stored");
});

test("nothing is told to be missing where another tab writes while the database is opened", async (t) => {
  const site = await browserSite(t);
  const [writer, reader] = [await site.open(), await site.open()];
  await open(writer, "busy");
  await writer.evaluate(() => {
    window.writing = true;
    void (async () => {
      for (let n = 0; window.writing; n += 1) await window.db.put({ id: `w${n}`, type: "Note", data: {} });
    })();
  });
  for (let round = 0; round < 15; round += 1) {
    await open(reader, "busy");
    assert.equal((await facts(reader)).storageError, null);
    await reader.evaluate(() => window.db.close());
  }
  await writer.evaluate(() => void (window.writing = false));
});

test("a database whose identity is lost is that of its records", async (t) => {
  const page = await (await browserSite(t)).open();
  const space = await six(page, "whose");
  await change(page, "whose", ({ meta }) => {
    meta.delete("identity");
    // No actor either: nobody writes as it.
    meta.put(true, "actor/none");
  });
  await open(page, "whose");
  const found = await facts(page);
  assert.deepEqual([found.space, found.storageError, found.ids.length], [space, null, 6]);
  assert.equal(await put(page, "next"), "stored");
});

test("a database that has nothing left but records is that of its records", async (t) => {
  const page = await (await browserSite(t)).open();
  const space = await six(page, "bare");
  await change(page, "bare", ({ meta }) => meta.clear());
  await open(page, "bare");
  const found = await facts(page);
  assert.deepEqual([found.space, found.storageError, found.ids.length], [space, null, 6]);
});

test("a database both of whose images are damaged is not opened, says what to do, and stays as it is", async (t) => {
  const page = await (await browserSite(t)).open();
  await six(page, "broken");
  await change(page, "broken", ({ meta, records }, keys) => {
    meta.put(new Uint8Array(40), "newest");
    meta.put(new Uint8Array(40), "previous");
    meta.put(keys.at(2), "dropped");
    for (const key of keys.slice(0, 3)) records.delete(key);
  });
  const failure = await page.evaluate(() =>
    window.pluresdb.open("idb://broken").then(() => null, ({ code, message, hint }) => ({ code, message, hint })));
  assert.equal(failure.code, "damaged");
  assert.match(failure.message, /image is damaged, and so is the one before it/);
  assert.match(failure.hint, /another name/);
});

for (const [whose, options] of [["another space", {}], ["the same space", { space: "5".repeat(32) }]]) {
  test(`a tab whose database was deleted stores nothing in the one that follows it, of ${whose}`, async (t) => {
    const site = await browserSite(t);
    const [silent, writer, next] = [await site.open(), await site.open(), await site.open()];
    const errors = [];
    for (const page of [silent, writer, next]) page.on("pageerror", (error) => errors.push(error.message));
    await open(silent, "again", options);
    await open(writer, "again", options);
    assert.equal(await put(writer, "before"), "stored");
    await next.evaluate(() => new Promise((resolve) => (indexedDB.deleteDatabase("pluresdb:again").onsuccess = resolve)));
    await silent.waitForTimeout(100);
    // What was deleted stays so until somebody opens it.
    assert.deepEqual(await next.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name)), []);
    await open(next, "again", options);
    assert.equal(await put(next, "after"), "stored");
    for (const page of [silent, writer]) {
      for (const id of ["one", "two"]) {
        const { code, message, hint } = await put(page, id);
        assert.equal(code, "deleted");
        assert.match(message, /deleted while it was open: there is a new one of its name/);
        assert.match(hint, /memory/);
      }
      const { storageCode, unsaved } = await facts(page);
      assert.deepEqual([storageCode, unsaved], ["deleted", 2]);
    }
    const found = await facts(next);
    assert.deepEqual([found.ids, found.storageError], [["after"], null]);
    assert.deepEqual(errors, []);
  });
}

const sync = (page, address) =>
  page.evaluate(async (address) => {
    const session = window.db.sync(address);
    await session.settled();
    // Until the cursor is stored, by which the relay sends nothing again.
    await new Promise((resolve) => setTimeout(resolve, 500));
    session.stop();
  }, address);

/* Where a bit is changed: in the hash of the record before, in the content, in the content of the last record. */
for (const [what, record, at] of [["hash", 2, 50], ["content", 2, -6], ["last content", 5, -6]]) {
  test(`a record that was changed is not taken for another, and the true one comes back with a sync (${what})`, async (t) => {
    const [site, { url }] = [await browserSite(t), await relay(t)];
    const page = await site.open();
    await six(page, "changed");
    await open(page, "changed");
    await sync(page, url);
    const hash = await page.evaluate(() => window.db.stateHash());
    await page.evaluate(() => window.db.close());

    await page.evaluate((place) => void (window.place = place), { record, at });
    await change(page, "changed", async ({ records }, keys, done) => {
      const { record, at } = window.place;
      const bytes = await done(records.get(keys.at(record)));
      bytes[at < 0 ? bytes.length + at : at] ^= 1;
      records.put(bytes, keys.at(record));
    });
    for (let round = 0; round < 2; round += 1) {
      await open(page, "changed");
      const found = await facts(page);
      assert.equal(found.storageCode, "damaged");
      assert.match(found.storageError, new RegExp(`^${6 - record} stored records cannot be used`));
      assert.deepEqual(found.ids, ["n0", "n1", "n2", "n3", "n4", "n5"].slice(0, record));
      await page.evaluate(() => window.db.close());
    }
    await open(page, "changed");
    await sync(page, url);
    assert.equal(await page.evaluate(() => window.db.stateHash()), hash);
    await page.evaluate(() => window.db.close());

    // Nothing is missing any more, and what was changed is of no more use.
    await open(page, "changed");
    assert.equal((await facts(page)).storageError, null);
    assert.equal(await page.evaluate(() => window.db.stateHash()), hash);
  });
}

test("records that are gone come back with a sync, also where the relay was told that all was taken in", async (t) => {
  const [site, { url }] = [await browserSite(t), await relay(t)];
  const page = await site.open();
  await six(page, "back");
  await open(page, "back");
  await sync(page, url);
  const hash = await page.evaluate(() => window.db.stateHash());
  await page.evaluate(() => window.db.close());
  await change(page, "back", ({ records }, keys) => {
    for (const key of keys.slice(-2)) records.delete(key);
  });
  await open(page, "back");
  assert.match((await facts(page)).storageError, /^2 records that were stored here are missing/);
  await sync(page, url);
  assert.equal(await page.evaluate(() => window.db.stateHash()), hash);
});
