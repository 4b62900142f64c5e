/* global window -- inside pages */

import assert from "node:assert/strict";
import { test } from "node:test";
import { browserSite } from "../lib/package-page.mjs";

test("what another tab writes is told to a live query here", async (t) => {
  const site = await browserSite(t);
  const [one, two] = [await site.open(), await site.open()];
  for (const page of [one, two]) {
    await page.evaluate(async () => {
      window.db = await window.pluresdb.open("idb://live");
    });
  }
  await one.evaluate(async () => {
    await window.db.put({ id: "a", type: "Task", data: { owner: "ada" } });
    window.told = [];
    window.db.live("SELECT id FROM Task WHERE owner = ?1", ["ada"], ({ rows }) => {
      window.told.push(rows.map((row) => row.id));
    });
  });
  await two.evaluate(() => window.db.put({ id: "b", type: "Task", data: { owner: "ada" } }));
  await one.waitForFunction(() => window.told.length === 2);
  assert.deepEqual(await one.evaluate(() => window.told), [["a"], ["a", "b"]]);
});
