/**
 * All of WordNet through every shell: the command line imports it into a file and syncs it to a relay, two pages
 * with empty databases sync it down, a reload keeps it, VS Code and the sqlite3 tool read the file. Everywhere the
 * same counts, and the same state hash where a merged state is at hand.
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { launch } from "./lib/chromium.mjs";
import { pluresdb, run, start } from "./lib/process.mjs";
import { openWorkbench } from "./lib/workbench.mjs";

const path = (relative) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));
const nodes = 117_791;
const edges = 285_668;

let folder;
let file;
let status;
let serve;
let browser;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "pluresdb-end-to-end-"));
  await mkdir(join(folder, "workspace"));
  file = join(folder, "workspace", "wordnet.pluresdb");
});

after(async () => {
  await browser?.close();
  await serve?.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

test("the command line imports WordNet into a file", async (t) => {
  await run(pluresdb, ["init", file]);
  const source = spawn(process.execPath, [path("scripts/wordnet-jsonl.mjs")], { stdio: ["ignore", "pipe", "inherit"] });
  const took = await timed(() => run(pluresdb, ["import", file, "-"], { input: source.stdout }));
  status = JSON.parse(await run(pluresdb, ["status", file, "--hash", "--json"]));
  assert.deepEqual([status.nodes, status.edges], [nodes, edges]);
  assert.match(status.state_hash, /^[0-9a-f]{64}$/);
  t.diagnostic(`import with parsing: ${took} ms, file: ${(await stat(file)).size} bytes`);
});

test("the sqlite3 tool reads the file", async () => {
  const sql = "SELECT (SELECT count(*) FROM nodes), (SELECT count(*) FROM edges), (SELECT count(*) FROM Synset)";
  assert.equal((await run("sqlite3", ["-readonly", file, sql])).trim(), `${nodes}|${edges}|${nodes}`);
  const gloss = "SELECT gloss FROM Synset WHERE id = 'n00001740'";
  assert.match(await run("sqlite3", ["-readonly", file, gloss]), /^that which is perceived/);
});

test("the command line syncs the file to a relay", async (t) => {
  const store = join(folder, "relay.sqlite");
  serve = await start(
    pluresdb,
    ["serve", "--listen", "127.0.0.1:0", "--store", store, "--page", path("demo/dist")],
    /http:\/\/(127\.0\.0\.1:\d+)\//,
  );
  const took = await timed(() => run(pluresdb, ["sync", file, `ws://${serve.match[1]}/v1/sync`]));
  t.diagnostic(`sync of all of it to the relay: ${took} ms`);
});

test("a page with an empty database syncs it down and keeps it over a reload", async (t) => {
  browser = await launch();
  const page = await browser.context.newPage();
  const synced = await timed(async () => {
    await page.goto(address("one"));
    await arrived(page);
  });
  t.diagnostic(`first sync from relay to page: ${synced} ms`);
  assert.deepEqual(await summary(page), [nodes, edges, status.state_hash]);

  await page.evaluate(() => globalThis.pluresdb.durable());
  await page.goto(address("one", "off"));
  await opened(page);
  assert.deepEqual(await summary(page), [nodes, edges, status.state_hash]);
  const hits = await page.evaluate(() => globalThis.pluresdb.search("domestic anim", { limit: 5 }));
  assert.ok(hits.length > 0);
});

test("a second page with a database of its own has the same, and sees what the first writes", async () => {
  const second = await browser.context.newPage();
  await second.goto(address("two"));
  await arrived(second);
  assert.deepEqual(await summary(second), [nodes, edges, status.state_hash]);

  const first = await browser.context.newPage();
  await first.goto(address("one"));
  await opened(first);
  const note = { id: "a-note", type: "Note", data: { text: "written in the first window" } };
  await first.evaluate((node) => globalThis.pluresdb.put(node), note);
  const end = Date.now() + 30_000;
  while (!(await second.evaluate(async () => (await globalThis.pluresdb.get("a-note")) !== null))) {
    assert.ok(Date.now() < end, "the note did not arrive");
    await second.waitForTimeout(50);
  }
  assert.deepEqual((await second.evaluate(() => globalThis.pluresdb.get("a-note"))).data, note.data);
  assert.deepEqual(await summary(first), await summary(second));
  assert.deepEqual(browser.errors, []);
});

test("the file follows what a page wrote", async () => {
  await run(pluresdb, ["sync", file, `ws://${serve.match[1]}/v1/sync`]);
  const [page] = browser.context.pages().slice(-1);
  const [count, , hash] = await summary(page);
  status = JSON.parse(await run(pluresdb, ["status", file, "--hash", "--json"]));
  assert.deepEqual([status.nodes, status.state_hash], [count, hash]);
});

test("VS Code opens the file and a query there gives the same count", async () => {
  const workbench = await openWorkbench({
    extension: path("vscode-extension"),
    folder: join(folder, "workspace"),
    ready: '.activitybar [aria-label="PluresDB"]',
  });
  try {
    const { page } = workbench;
    await page.getByRole("treeitem", { name: "wordnet.pluresdb" }).first().dblclick();
    await (await workbench.webview("#types", { timeout: 60_000 })).locator("#types").waitFor();
    await workbench.run("PluresDB: Query");
    const panel = await workbench.webview("#sql");
    await panel.locator("#sql").fill("SELECT count(*) AS n FROM nodes");
    await panel.locator("#run").click();
    await panel.getByRole("cell", { name: new RegExp(`^${status.nodes}$`) }).waitFor();
  } finally {
    await workbench.close();
  }
});

function address(db, relay) {
  const query = new URLSearchParams({ db, space: status.space, ...(relay ? { relay } : {}) });
  return `http://${serve.match[1]}/?${query}`;
}

/** Waits until the page has opened its database. */
function opened(page) {
  return page.waitForFunction(() => globalThis.pluresdb !== undefined, undefined, { timeout: 60_000 });
}

/** Waits until the page's database holds all of WordNet. */
async function arrived(page) {
  await opened(page);
  const count = page.locator(`[data-testid="count-edges"][data-value="${edges}"]`);
  await count.waitFor({ timeout: 120_000 });
  await page.locator('[data-testid="sync-state"][data-state="live"]').waitFor({ timeout: 60_000 });
}

function summary(page) {
  return page.evaluate(async () => {
    const db = globalThis.pluresdb;
    const { nodes, edges } = await db.status();
    return [nodes, edges, await db.stateHash()];
  });
}

async function timed(work) {
  const before = performance.now();
  await work();
  return Math.round(performance.now() - before);
}
