/* global window -- inside pages */

// What was stopped is given back while its database goes on.

import assert from "node:assert/strict";
import { test } from "node:test";
import { browserSite } from "../lib/package-page.mjs";

for (const here of [true, false]) {
  test(`live answers and syncs that were stopped are released${here ? "" : ", with a worker too"}`, async (t) => {
    const page = await (await browserSite(t)).open({ here });
    await page.evaluate(async () => {
      const db = await window.pluresdb.open("memory://");
      const begin = () => [
        db.liveAnswer((it) => it.get("a"), () => undefined),
        db.sync("ws://127.0.0.1:9/v1/sync"),
      ];
      const going = begin();
      const pairs = Array.from({ length: 12 }, begin);
      const stopped = pairs.flat();
      // One after the other, so that each of their first steps is the last of some.
      for (const pair of pairs) {
        for (const handle of pair) handle.stop();
        await Promise.resolve();
      }
      await db.status();
      const refs = (handles) => handles.map((handle) => new WeakRef(handle));
      Object.assign(window, { db, going, stopped: refs(stopped), kept: refs(going) });
    });
    const left = async (name) => {
      await page.requestGC();
      return page.evaluate((name) => window[name].filter((ref) => ref.deref() !== undefined).length, name);
    };
    for (let tries = 0; tries < 20 && (await left("stopped")) > 0; tries += 1) await page.waitForTimeout(50);
    assert.equal(await left("stopped"), 0);
    assert.equal(await left("kept"), 2);
  });
}
