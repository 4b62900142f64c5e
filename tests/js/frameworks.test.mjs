/* global window, document -- inside pages */

// The examples of `docs/frameworks.md`, in a browser: React, Svelte, and CodeMirror by Yjs.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { folder as tools, installed } from "./lib/bundler-tools.mjs";
import { launch } from "./lib/chromium.mjs";
import { serve } from "./lib/static-server.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const docs = await readFile(join(root, "docs/frameworks.md"), "utf8");
const dist = join(root, "wasm/dist");

let out;
let browser;
let site;

before(async () => {
  await installed();
  out = await mkdtemp(join(tmpdir(), "pluresdb-frameworks-"));
  browser = await launch();
  const page = (name) => `<!doctype html><meta charset="utf-8"><title>${name}</title><body></body>
    <script type="module" src="/out/${name}.js"></script>`;
  const pages = Object.fromEntries(["react", "react-array", "react-life", "svelte", "codemirror", "prosemirror"].map((name) => [`/${name}`, page(name)]));
  site = await serve({ ...pages, "/favicon.ico": "", "/out/": { folder: out }, "/pluresdb/": { folder: dist } });
});

after(async () => {
  await browser?.close();
  await site?.close();
  if (out !== undefined) await rm(out, { recursive: true, force: true });
});

/** The code of the example in a language that has these words in it. */
const example = (language, words = "") =>
  [...docs.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "gs"))].map(([, code]) => code).find((code) => code.includes(words));

/** The code with its database as `window.db` as well, for the test to write to. */
function watched(code) {
  const open = /const db = (await )?(open\(.*?\));/;
  assert.match(code, open);
  return code.replace(open, "const db = $1(window.db = $2);");
}

async function bundle(name, code, { loader = "js", plugins = [] } = {}) {
  await build({
    stdin: { contents: code, resolveDir: tools, loader, sourcefile: `${name}.js` },
    bundle: true,
    format: "esm",
    jsx: "automatic",
    outfile: join(out, `${name}.js`),
    logLevel: "error",
    absWorkingDir: tools,
    conditions: ["browser"],
    define: { "process.env.NODE_ENV": '"development"' },
    plugins: [fromSite, ...plugins],
  });
}

/** The package comes from the site, as it is shipped; what it needs of the application is the application's. */
const fromSite = {
  name: "pluresdb",
  setup(build) {
    build.onResolve({ filter: /^pluresdb$/ }, () => ({ path: "/pluresdb/index.js", external: true }));
    build.onResolve({ filter: /^pluresdb\// }, ({ path }) => ({ path: join(dist, `${path.slice("pluresdb/".length)}.js`) }));
    build.onResolve({ filter: /^(react|yjs)$/ }, ({ path, importer }) =>
      importer.startsWith(dist) ? build.resolve(path, { resolveDir: tools, kind: "import-statement" }) : undefined);
  },
};

async function visit(name) {
  const page = await browser.context.newPage();
  page.told = [];
  page.on("pageerror", (error) => page.told.push(error.message));
  page.on("console", (message) => message.type() === "error" && page.told.push(message.text()));
  await page.goto(`${site.url}/${name}`);
  return page;
}

const items = (page, wanted) =>
  page
    .waitForFunction((wanted) => [...document.querySelectorAll("li")].map((item) => item.textContent).join() === wanted, wanted, { timeout: 10_000 })
    .catch(async () => {
      const found = await page.evaluate(() => document.body.innerHTML);
      assert.fail(`not ${wanted}: ${found}\n${page.told.join("\n")}`);
    });

const put = (page, id, data) =>
  page.evaluate(async ([id, data]) => (await window.db).put({ id, type: "Task", data }), [id, data]);

test("React: rows are drawn, follow the database and the parameters", async () => {
  const strict = example("jsx")
    .replace('import { useState } from "react";', 'import { StrictMode, useState } from "react";')
    .replace(".render(<Database", ".render(<StrictMode><Database")
    .replace("</DatabaseProvider>)", "</DatabaseProvider></StrictMode>)");
  await bundle("react", watched(strict), { loader: "jsx" });
  const page = await visit("react");
  await page.waitForSelector("ul", { state: "attached" });
  await put(page, "a", { title: "Buy milk", done: false });
  await items(page, "Buy milk");
  await put(page, "b", { title: "Feed the cat", done: true });
  await put(page, "c", { title: "Rest", done: false });
  await items(page, "Buy milk,Rest");
  await page.click("button");
  await items(page, "Feed the cat");
  await page.evaluate(async () => (await window.db).patch("a", { done: true }));
  await items(page, "Buy milk,Feed the cat");
  assert.deepEqual(page.told, []);
  await page.close();
});

test("React: arrays of numbers that are made while drawing are the parameters of before", async () => {
  const code = `
    import { createRoot } from "react-dom/client";
    import { open } from "pluresdb";
    import { useLiveQuery } from "pluresdb/react";
    const db = open("memory://");
    window.drawn = 0;
    function Bytes() {
      window.drawn += 1;
      const { rows } = useLiveQuery("SELECT 'n' AS id, hex(?) AS hex", [new Uint8Array([1, 255])], db);
      return <ul>{rows.map(({ id, hex }) => <li key={id}>{hex}</li>)}</ul>;
    }
    createRoot(document.body).render(<Bytes />);`;
  await bundle("react-array", code, { loader: "jsx" });
  const page = await visit("react-array");
  await items(page, "01FF");
  const drawn = await page.evaluate(() => window.drawn);
  assert.ok(drawn < 10, `drawn ${drawn} times`);
  assert.deepEqual(page.told, []);
  await page.close();
});

test("React: what is drawn recovers from errors, follows parameters by name, and comes and goes", async () => {
  const code = `
    import { StrictMode, useState } from "react";
    import { createRoot } from "react-dom/client";
    import { open } from "pluresdb";
    import { useLiveQuery } from "pluresdb/react";
    const db = open("memory://");
    window.db = db;
    function Tasks({ sql, params }) {
      const { rows, error } = useLiveQuery(sql, params, db);
      if (error) return <ul><li>{error.code}</li></ul>;
      return <ul>{rows.map(({ id, title }) => <li key={id}>{title}</li>)}</ul>;
    }
    function App() {
      const [shown, show] = useState({ sql: "SELECT id, title FROM Task WHERE title > ? ORDER BY id", params: [""] });
      window.show = show;
      return shown === null ? <ul><li>nothing</li></ul> : <Tasks {...shown} />;
    }
    createRoot(document.body).render(<StrictMode><App /></StrictMode>);`;
  await bundle("react-life", code, { loader: "jsx" });
  const page = await visit("react-life");
  const show = (shown) => page.evaluate((shown) => { window.show(shown); }, shown);
  await items(page, "sql");
  await put(page, "a", { title: "Buy milk" });
  await items(page, "Buy milk");
  await put(page, "b", { title: "Rest" });
  const named = { sql: "SELECT id, title FROM Task WHERE title > :least ORDER BY id", params: { least: "C" } };
  await show(named);
  await items(page, "Rest");
  await show({ ...named, params: { least: "" } });
  await items(page, "Buy milk,Rest");
  await show({ ...named, sql: "SELECT" });
  await items(page, "sql");
  await show(named);
  await items(page, "Rest");
  await show(null);
  await items(page, "nothing");
  await put(page, "c", { title: "Sing" });
  await show(named);
  await items(page, "Rest,Sing");
  await page.evaluate(async () => (await window.db).close());
  await show({ ...named, params: { least: "S" } });
  await items(page, "closed");
  await show(null);
  await items(page, "nothing");
  assert.deepEqual(page.told, []);
  await page.close();
});

test("React: on a server it is loading", async () => {
  const require = createRequire(join(tools, "package.json"));
  const code = `
    import { createElement } from "react";
    import { renderToString } from "react-dom/server";
    import { useLiveQuery } from "pluresdb/react";
    const Page = ({ database }) => createElement("p", null, String(useLiveQuery("SELECT 1", [], database).loading));
    const refused = Promise.reject(new Error("there is no IndexedDB here"));
    export const html = [null, refused].map((database) => renderToString(createElement(Page, { database }))).join("");`;
  const outfile = join(out, "server.mjs");
  await build({
    stdin: { contents: code, resolveDir: tools },
    bundle: true,
    format: "esm",
    platform: "node",
    outfile,
    logLevel: "error",
    banner: { js: `import { createRequire } from "node:module"; const require = createRequire(${JSON.stringify(require.resolve("react"))});` },
    plugins: [fromSite],
  });
  assert.equal((await import(pathToFileURL(outfile))).html, "<p>true</p><p>true</p>");
  // What nobody takes would be an uncaught error by now.
  await new Promise((resolve) => { setTimeout(resolve, 0); });
});

test("Svelte: rows are drawn and follow the database", async () => {
  const { compile } = await import(pathToFileURL(join(tools, "node_modules/svelte/src/compiler/index.js")));
  const app = example("svelte");
  const svelte = {
    name: "svelte",
    setup(build) {
      build.onResolve({ filter: /^\.\/App\.svelte$/ }, () => ({ path: "App.svelte", namespace: "app" }));
      build.onLoad({ filter: /.*/, namespace: "app" }, () => {
        const { js, warnings } = compile(app, { generate: "client", filename: "App.svelte" });
        assert.deepEqual(warnings.map(({ message }) => message), []);
        return { contents: js.code, resolveDir: tools };
      });
    },
  };
  const mount = `
    import { mount } from "svelte";
    import { open } from "pluresdb";
    import App from "./App.svelte";
    const opened = async () => {
      const db = await (window.db = open("idb://svelte"));
      await db.type("Task", { title: { type: "string" }, done: { type: "boolean", default: false } });
      return db;
    };
    mount(App, { target: document.body, props: { database: opened() } });`;
  await bundle("svelte", mount, { plugins: [svelte] });
  const page = await visit("svelte");
  await page.waitForSelector("ul", { state: "attached" });
  await page.waitForFunction(() => window.db !== undefined);
  await put(page, "d", { title: "Sing" });
  await items(page, "Sing");
  await page.evaluate(async () => (await window.db).patch("d", { title: "Sing along" }));
  await items(page, "Sing along");
  await put(page, "e", { title: "Slept", done: true });
  await page.click("button");
  await items(page, "Slept");
  await put(page, "f", { title: "Swum", done: true });
  await items(page, "Slept,Swum");
  await page.click("button");
  await items(page, "Sing along");
  assert.deepEqual(page.told, []);
  await page.close();
});

test("CodeMirror: two tabs edit one text at once, and it is there after a reload", async () => {
  await bundle("codemirror", watched(example("js")));
  const one = await visit("codemirror");
  await one.waitForSelector(".cm-content");
  const two = await visit("codemirror");
  const tabs = [one, two];
  for (const tab of tabs) await tab.waitForSelector(".cm-content");
  const texts = () => Promise.all(tabs.map((tab) => tab.locator(".cm-content").innerText()));
  await one.locator(".cm-content").click();
  await one.keyboard.type("hello world");
  await two.waitForFunction(() => document.querySelector(".cm-content").innerText === "hello world");
  // Both type at once, one at the beginning and one at the end.
  await one.keyboard.press("Control+Home");
  await two.locator(".cm-content").click();
  await two.keyboard.press("Control+End");
  await Promise.all([one.keyboard.type("ABCDEFGH"), two.keyboard.type("12345678")]);
  const whole = "ABCDEFGHhello world12345678";
  for (let tries = 0; tries < 100 && (await texts()).some((text) => text !== whole); tries += 1) await one.waitForTimeout(50);
  assert.deepEqual(await texts(), [whole, whole]);
  assert.equal(await one.evaluate(async () => (await (await window.db).get("note")).data.body), whole);
  await one.reload();
  await one.waitForFunction((whole) => document.querySelector(".cm-content")?.innerText === whole, whole);
  assert.deepEqual(two.told, []);
  for (const tab of tabs) await tab.close();
});

test("ProseMirror: two tabs edit one formatted text, and it is there after a reload", async () => {
  await bundle("prosemirror", watched(example("js", "prosemirror-view")));
  const [one, two] = await Promise.all([visit("prosemirror"), visit("prosemirror")]);
  for (const tab of [one, two]) await tab.waitForSelector(".ProseMirror");
  await one.locator(".ProseMirror").click();
  await one.keyboard.type("strong");
  await one.keyboard.press("Shift+Home");
  await one.keyboard.press("Control+b");
  await two.waitForSelector(".ProseMirror strong");
  await two.locator(".ProseMirror").click();
  await two.keyboard.press("Control+End");
  await two.keyboard.press("Enter");
  await two.keyboard.type("and more");
  const all = () => document.querySelector(".ProseMirror").innerText.replace(/\s+/g, " ").trim() === "strong and more";
  for (const tab of [one, two]) await tab.waitForFunction(all);
  // Typed here and stored: the editor tells nobody, so the database is asked.
  await two.waitForFunction(async () => /more/.test(JSON.stringify((await (await window.db).get("note")).data.rich)));
  await two.reload();
  await two.waitForSelector(".ProseMirror strong");
  await two.waitForFunction(all);
  assert.deepEqual(one.told.filter((told) => !/inline style/.test(told)), []);
  for (const tab of [one, two]) await tab.close();
});
