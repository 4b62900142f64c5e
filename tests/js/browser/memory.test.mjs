/* global window -- inside pages */

// Memory in pages: use does not make it grow, and the end of it is an error, not a loss.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openAndClose, writeMany } from "../../soak/memory.mjs";
import { browserSite } from "../lib/package-page.mjs";

const MIB = 2 ** 20;

test("a stored database that is opened, used and closed again and again leaves nothing behind", async () => {
  const { opens, broken } = await openAndClose({ opens: 100 });
  assert.equal(opens, 100);
  assert.deepEqual(broken, []);
});

test("many writes leave nothing behind but what they wrote", async () => {
  const { writes, broken } = await writeMany({ writes: 50_000 });
  assert.equal(writes, 50_000);
  assert.deepEqual(broken, []);
});

test("what does not fit in memory is refused, and what was stored before is there with more memory", async (t) => {
  const page = await (await browserSite(t)).open({ here: true });
  const full = await page.evaluate(async (mostBytes) => {
    const { limited } = await import("/lib/small-memory.mjs");
    const module = await (await fetch("/pluresdb/pluresdb_wasm_bg.wasm")).arrayBuffer();
    const db = await window.pluresdb.open("idb://large", { wasm: limited(module, mostBytes) });
    const text = Array.from({ length: 1000 }, () => Math.random().toString(36)).join("");
    for (let stored = 0; ; stored += 1) {
      const put = db.put({ id: `n${stored}`, type: "Note", data: { text: text + stored } });
      const failed = await put.then(() => null, (error) => error);
      if (failed === null) continue;
      return { stored, code: failed.code, hint: failed.hint };
    }
  }, 24 * MIB);
  assert.ok(full.stored > 50, `only ${full.stored} fitted`);
  // Where memory ends in the middle of what cannot be undone, the module is not trusted any more.
  assert.ok(["out-of-memory", "internal"].includes(full.code), full.code);
  assert.match(full.hint, /Close what is not needed|Reload the page/);
  await page.reload();
  await page.waitForFunction(() => window.pluresdb !== undefined);
  const found = await page.evaluate(async () => {
    const db = await window.pluresdb.open("idb://large");
    return (await db.status()).nodes;
  });
  assert.equal(found, full.stored);
});
