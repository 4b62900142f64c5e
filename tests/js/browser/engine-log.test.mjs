/* global window -- inside pages */

// What Chromium makes of the log of its storage engine, LevelDB, after a kill: by the bytes that a kill
// leaves, so that no luck is needed to meet them.

import assert from "node:assert/strict";
import { appendFile, mkdtemp, open as openFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { launch } from "../lib/chromium.mjs";
import { site, tab } from "../lib/package-page.mjs";

/** A profile and a site; `session` opens the database in a new browser, runs `body` on the page, and kills the browser. */
async function profileAndSite(t) {
  const profile = await mkdtemp(join(tmpdir(), "pluresdb-log-"));
  const { url, close } = await site();
  t.after(async () => {
    await close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  });
  const session = async (body) => {
    const browser = await launch({ profile });
    try {
      const page = await tab(browser.context, url);
      await page.evaluate(async () => {
        window.db = await window.pluresdb.open("idb://log");
      });
      return await page.evaluate(body);
    } finally {
      await browser.kill();
    }
  };
  return { profile, session };
}

const putFour = async () => {
  const { db } = window;
  const before = await db.list();
  for (let n = 0; n < 4; n += 1) await db.put({ type: "Note", data: { n } });
  return { before: before.length, storageError: (await db.status()).storageError };
};

/** The path of LevelDB's log of the only site of a profile. */
async function engineLog(profile) {
  const all = join(profile, "Default", "IndexedDB");
  const names = (await readdir(all)).filter((name) => name.endsWith(".leveldb"));
  assert.equal(names.length, 1, `one site has IndexedDB: ${names.join()}`);
  const folder = join(all, names[0]);
  const logs = (await readdir(folder)).filter((name) => name.endsWith(".log")).sort();
  return join(folder, logs.at(-1));
}

/** What a writer leaves that is killed between the head of an entry and its end: a length of 200, and 60 bytes. */
function halfEntry() {
  const bytes = Buffer.alloc(7 + 60, "A");
  bytes.writeUInt32LE(0x1234_5678, 0);
  bytes.writeUInt16LE(200, 4);
  bytes[6] = 1;
  return bytes;
}

test("half an entry at the end of the browser's log costs nothing, now and two kills later", async (t) => {
  const { profile, session } = await profileAndSite(t);
  const before = [];
  for (let round = 0; round < 4; round += 1) {
    const found = await session(putFour);
    assert.equal(found.storageError, null);
    before.push(found.before);
    await appendFile(await engineLog(profile), halfEntry());
  }
  assert.deepEqual(before, [0, 4, 8, 12]);
});

test("what the browser deletes as damaged is told", async (t) => {
  const { profile, session } = await profileAndSite(t);
  assert.deepEqual(await session(putFour), { before: 0, storageError: null });
  const log = await openFile(await engineLog(profile), "r+");
  // Inside the first entry, behind its checksum.
  await log.write(Buffer.from([0xff, 0xff, 0xff]), 0, 3, 20);
  await log.close();
  const { before, storageError } = await session(putFour);
  assert.equal(before, 0);
  assert.match(storageError ?? "", /found what it had stored for this site damaged and deleted it/);
});
