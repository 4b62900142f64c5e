/** The extension in a real VS Code in a browser: files, tree, documents and queries as a user meets them. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { openWorkbench } from "../lib/workbench.mjs";
import { readings, workspace } from "./fixture.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

let files;
let workbench;
let page;

before(async () => {
  files = await workspace();
  workbench = await openWorkbench({
    extension: here("../../../vscode-extension"),
    helpers: here("helpers"),
    folder: files.folder,
    ready: '.activitybar [aria-label="PluresDB"]',
  });
  page = workbench.page;
});

after(async () => {
  await workbench?.close();
  await files?.remove();
});

const show = (view) => page.locator(".activitybar").getByRole("tab", { name: view }).click();
const explorer = () => page.getByRole("tree", { name: "Files Explorer" });
const databases = () => page.getByRole("tree", { name: "Databases" });
const row = (name) => databases().getByRole("treeitem", { name, exact: true });
const tab = (name) => page.getByRole("tab", { name, exact: true });
const gone = (locator) => locator.waitFor({ state: "detached", timeout: 10_000 });

/** Opens a file as a user does; gives the frame of its page. */
async function openFile(name) {
  if (!(await explorer().isVisible())) await show(/^Explorer/);
  await explorer().getByRole("treeitem", { name, exact: true }).dblclick();
  return workbench.webview(`#name:text-is("${name}")`);
}

async function showTree() {
  if (!(await databases().isVisible())) await show("PluresDB");
}

/** Unfolds a row of the tree. */
async function unfold(name) {
  await row(name).locator(".monaco-tl-twistie").click();
}

/** Shows the query panel, runs a statement in it and gives the panel's frame. */
async function ask(sql) {
  await workbench.run("PluresDB: Query");
  const panel = await workbench.webview("#sql");
  await panel.locator("#sql").fill(sql);
  await panel.locator("#sql").press("Control+Enter");
  await panel.locator("#run:not([disabled])").waitFor();
  return panel;
}

const textOf = (frame, selector) => frame.locator(selector).innerText();

/** Waits until an element says this. */
const says = (frame, selector, text) => frame.locator(selector).filter({ hasText: text }).waitFor({ timeout: 10_000 });

test("a file opened from the explorer shows what its database holds", async () => {
  const file = await openFile("library.pluresdb");
  await says(file, "#nodes", "1,258");
  assert.equal(await textOf(file, "#edges"), "1,255");
  assert.equal(await textOf(file, "#records"), "1");
  assert.match(await textOf(file, "#space"), /^[0-9a-f]{32}$/);
  assert.deepEqual((await file.locator("#types tr").allInnerTexts()).map(words), ["Author 3", "Book 5", "Reading 1,250"]);
  await says(file, "#labels", "written_by");
  assert.deepEqual((await file.locator("#labels tr").allInnerTexts()).map(words), ["of 1,250", "written_by 5"]);
  assert.equal(await textOf(file, "#read-from"), "the file");
});

test("the state hash is computed on demand", async () => {
  const file = await openFile("library.pluresdb");
  await file.locator("#compute").click();
  await file.locator("#hash").filter({ hasText: /^[0-9a-f]{16,}$/ }).waitFor();
});

test("the tree shows types, nodes, fields and edges, and a node opens as JSON", async () => {
  await openFile("library.pluresdb");
  await showTree();
  await unfold("Type Book, 5 nodes");
  await unfold("To the Lighthouse, lighthouse");
  await row("year, 1927").waitFor();
  await row("tags, [ modernism, sea, family ]").waitFor();
  await row("250 edges of that enter this node").waitFor();
  await unfold("1 edge written_by that leave this node");
  await row("Virginia Woolf, woolf").click();
  await tab("woolf.json, preview").waitFor();
  const lines = page.locator(".editor-instance .view-lines");
  await lines.filter({ hasText: "Virginia Woolf" }).waitFor();
  assert.match(words(await lines.innerText()), /"born": 1882/);
});

test("a type with many nodes is shown by the hundred", async () => {
  await openFile("library.pluresdb");
  await showTree();
  await row("Type Reading, 1,250 nodes").click();
  await page.keyboard.press("ArrowRight");
  const first = row("reading-0000");
  await first.waitFor();
  const more = row("Load 100 more…, 100 of 1,250");
  await scrollTo(more);
  await more.click();
  await scrollTo(row("Load 100 more…, 200 of 1,250"));
});

test("a node far down the list is revealed in the tree", async () => {
  const panel = await ask("SELECT id FROM Reading WHERE id = 'reading-1249'");
  await panel.locator("#result tbody button").click();
  await tab("reading-1249.json, preview").waitFor();
  await workbench.run("PluresDB: Reveal in PluresDB View");
  await row("reading-1249").and(page.locator("[aria-selected=true]")).waitFor();
});

test("a statement is run by the keyboard and its rows are shown with headers", async () => {
  const panel = await ask("SELECT count(*) FROM nodes");
  await says(panel, "#status", /^1 row in /);
  assert.deepEqual(await panel.locator("#result thead th").allInnerTexts().then(named), ["count(*)"]);
  assert.deepEqual(await panel.locator("#result tbody td").allInnerTexts(), ["1258"]);
});

test("more than a thousand rows are shown by the thousand, with a note", async () => {
  const panel = await ask("SELECT id, data FROM Reading");
  await says(panel, "#status", `${readings.toLocaleString("en-US")} rows`);
  assert.equal(await panel.locator("#result tbody tr").count(), 1000);
  assert.equal(await textOf(panel, "#note"), "The first 1,000 of 1,250 rows are shown.");
  await panel.locator("#more").click();
  await panel.locator("#result tbody tr").nth(readings - 1).waitFor();
  assert.equal(await panel.locator("#rest").isVisible(), false);
});

test("a failing statement says why, with a code, and a writing one is refused", async () => {
  await says(await ask("SELECT a FROM nowhere"), "#error", "no such table: nowhere (sql)");
  await says(await ask("DROP VIEW nodes"), "#error", /\(sql(-read-only)?\)$/);
  await says(await ask("SELECT count(*) FROM nodes"), "#result", "1258");
});

test("the panel has its statement and its result again after it was hidden", async () => {
  await ask("SELECT 40 + 2 AS answer");
  await tab("library.pluresdb").click();
  await workbench.webview("#nodes");
  await tab("PluresDB Query").click();
  const panel = await workbench.webview("#sql");
  await says(panel, "#result", "42");
  assert.equal(await panel.locator("#sql").inputValue(), "SELECT 40 + 2 AS answer");
});

test("a click on a type writes the statement that reads it", async () => {
  const file = await openFile("library.pluresdb");
  await file.locator("#types").getByRole("button", { name: "Author" }).click();
  const panel = await workbench.webview("#sql");
  await says(panel, "#status", /^3 rows/);
  assert.equal(await panel.locator("#sql").inputValue(), "SELECT * FROM Author LIMIT 100");
});

test("a file that changes is read anew, everywhere it is shown", async () => {
  const file = await openFile("watched.pluresdb");
  await says(file, "#nodes", /^1$/);
  await workbench.run("Test: Replace watched.pluresdb");
  await says(file, "#nodes", "1,258");
  await showTree();
  await scrollTo(row("watched.pluresdb, 1,258 nodes, 1,255 edges"), "End");
});

test("a file that is deleted is said to be gone", async () => {
  const file = await openFile("watched.pluresdb");
  await workbench.run("Test: Delete watched.pluresdb");
  await says(file, "#code", "FileNotFound");
  assert.equal(await file.locator("#content").isVisible(), false);
});

for (const [name, why] of [
  ["foreign.pluresdb", "it is an SQLite database of another program"],
  ["text.pluresdb", "it is not even an SQLite database"],
  ["empty.pluresdb", "the file is empty"],
]) {
  test(`${name} is refused and never shown as an empty database`, async () => {
    const file = await openFile(name);
    await says(file, "#failure", `${name} is not a PluresDB database: ${why}.`);
    assert.equal(await textOf(file, "#code"), "not-a-database");
    assert.equal(await file.locator("#content").isVisible(), false);
  });
}

test("a file that another program has open is shown with what is in its write-ahead file", async () => {
  const file = await openFile("in-wal.pluresdb");
  await says(file, "#nodes", "1,258");
  assert.equal(await textOf(file, "#read-from"), "the file and its write-ahead file");
});

test("a database that is closed leaves the tree, with its tabs", async () => {
  await openFile("in-wal.pluresdb");
  await showTree();
  const element = row("in-wal.pluresdb, 1,258 nodes, 1,255 edges");
  await scrollTo(element, "End");
  await element.click({ button: "right" });
  const close = page.getByRole("menuitem", { name: "Close", exact: true });
  await close.hover();
  // A menu takes no click right after it opened: that might be the end of the click that opened it.
  await page.waitForTimeout(300);
  await close.click();
  await gone(element);
  await gone(tab("in-wal.pluresdb"));
});

test("nothing was kept from running by the pages' own policy", () => {
  assert.deepEqual(workbench.consoleErrors.filter((text) => /Content Security Policy|Refused to/.test(text)), []);
});

/** The tree draws only what is in view: scrolls down, or to its end, until a row is. */
async function scrollTo(locator, key = "PageDown") {
  for (let at = 0; at < 30 && !(await locator.isVisible()); at++) {
    await page.keyboard.press(key);
    await page.waitForTimeout(150);
  }
  await locator.waitFor({ timeout: 1000 });
}

const words = (text) => text.replace(/\s+/g, " ").trim();
const named = (texts) => texts.filter((text) => text !== "");
