// Types in a page: a definition is kept in IndexedDB, counts in other tabs, and refuses with its reasons.
/* global window -- inside pages */

import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../lib/eventually.mjs";
import { browserSite } from "../lib/package-page.mjs";

test("a definition counts in another tab and after the page is opened again", async (t) => {
  const { open } = await browserSite(t);
  const [first, second] = [await open(), await open()];
  for (const page of [first, second]) {
    await page.evaluate(async () => {
      window.db = await window.pluresdb.open("idb://types");
    });
  }
  const defined = await first.evaluate(() => {
    const title = { type: "string", required: true };
    return window.db.defineType({ name: "Note", version: 3, fields: { title } });
  });
  assert.deepEqual(defined, { result: "written", version: 3 });

  const put = (page) =>
    page.evaluate(async () => {
      const failed = await window.db.put({ id: "a", type: "Note", data: { title: 7 } }).catch((error) => error);
      return { code: failed.code, name: failed.name, violations: failed.violations };
    });
  const violations = [{ path: "title", rule: "type", message: "must be a text", value: "7" }];
  await until(second, async () => (await window.db.types()).length === 1);
  for (const page of [first, second]) {
    assert.deepEqual(await put(page), { code: "invalid", name: "PluresError", violations });
  }

  await first.evaluate(() => window.db.close());
  await second.evaluate(() => window.db.close());
  const third = await open();
  const found = await third.evaluate(async () => {
    window.db = await window.pluresdb.open("idb://types");
    const older = await window.db.defineType({ name: "Note", version: 2 });
    return { types: await window.db.types(), older, listed: await window.db.violations() };
  });
  const title = { type: "string", required: true };
  assert.deepEqual(found.types, [{ name: "Note", version: 3, fields: { title } }]);
  assert.deepEqual(found.older, { result: "kept", version: 3 });
  assert.deepEqual(found.listed, []);
  assert.equal((await put(third)).code, "invalid");
});
