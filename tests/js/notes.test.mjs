/* global document -- inside pages */

// The page of the demo on which several tabs edit a note, plain in CodeMirror and formatted in ProseMirror.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { launch } from "./lib/chromium.mjs";
import { serve } from "./lib/static-server.mjs";

const dist = fileURLToPath(new URL("../../demo/dist/", import.meta.url));

test("two tabs edit a plain and a formatted text at once, each takes back its own, and all is there after a reload", async (t) => {
  const browser = await launch();
  t.after(() => browser.close());
  const site = await serve({ "/demo/": { folder: dist } });
  t.after(() => site.close());
  const visit = async () => {
    const page = await browser.context.newPage();
    await page.goto(`${site.url}/demo/notes.html?relay=off`);
    await page.waitForSelector('#saved[data-state="saved"]');
    return page;
  };
  // Both begin the note.
  const tabs = await Promise.all([visit(), visit()]);
  const [one, two] = tabs;
  const shown = (page) => page.evaluate(() => [".cm-content", ".ProseMirror"].map((name) => document.querySelector(name).innerText.trim()));
  const equal = async (holds) => {
    for (let tries = 0; tries < 100; tries += 1) {
      const [left, right] = await Promise.all(tabs.map(shown));
      if (left.join("|") === right.join("|") && holds(...left)) return left;
      await one.waitForTimeout(50);
    }
    return assert.fail(`not equal, or not all there: ${JSON.stringify(await Promise.all(tabs.map(shown)))}`);
  };

  for (const tab of tabs) await tab.locator(".cm-content").click();
  await Promise.all([one.keyboard.type("milk"), two.keyboard.type("BREAD")]);
  const sorted = (text) => [...text].sort().join("");
  await equal((plain) => sorted(plain) === sorted("milkBREAD"));

  await one.locator(".ProseMirror").click();
  await one.keyboard.type("bold");
  await equal((_, rich) => rich === "bold");
  await one.keyboard.press("Shift+Home");
  await one.keyboard.press("Control+b");
  await two.waitForSelector(".ProseMirror strong");
  await two.locator(".ProseMirror").click();
  await two.keyboard.press("Control+End");
  await two.keyboard.press("Enter");
  await two.keyboard.type("below");
  await equal((_, rich) => /^bold\s+below$/.test(rich));

  // What was typed within half a second is taken back as one; more than there is changes nothing.
  for (let times = 0; times < 3; times += 1) await one.keyboard.press("Control+z");
  await equal((_, rich) => rich === "below");
  for (let times = 0; times < 3; times += 1) await one.keyboard.press("Control+y");
  const [plain, rich] = await equal((_, rich) => /^bold\s+below$/.test(rich));

  await one.waitForSelector('#saved[data-state="saved"]');
  await one.reload();
  await one.waitForSelector(".ProseMirror strong");
  assert.deepEqual(await shown(one), [plain, rich]);
  assert.match(await one.locator("#stored").innerText(), /<strong>bold<\/strong>/);
  assert.deepEqual(browser.errors, []);
});
