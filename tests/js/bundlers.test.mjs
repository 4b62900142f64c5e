/* global document -- inside pages */

/* The npm package as it is packed, in bundlers, behind a strict policy, without a bundler, and in other runtimes. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { copyFile, cp, mkdir, mkdtemp, readdir, rename, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build as esbuild } from "esbuild";
import { folder as here, installed, run } from "./lib/bundler-tools.mjs";
import { launch } from "./lib/chromium.mjs";
import { start } from "./lib/process.mjs";
import { serve } from "./lib/static-server.mjs";

const wasm = fileURLToPath(new URL("../../wasm", import.meta.url));
const html = '<!doctype html><meta charset="utf-8"><title></title>';
/** No inline scripts, no `eval`, no isolation of origins: what a strict page allows. */
const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";

let folder;
let tarball;
let browser;

before(async () => {
  await installed();
  folder = await mkdtemp(join(tmpdir(), "pluresdb-bundlers-"));
  await cp(join(here, "app"), folder, { recursive: true });
  const { stdout } = await run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], { cwd: wasm });
  tarball = join(folder, JSON.parse(stdout)[0].filename);
  await mkdir(join(folder, "node_modules"));
  await run("tar", ["-xzf", tarball, "-C", join(folder, "node_modules")]);
  await rename(join(folder, "node_modules/package"), join(folder, "node_modules/pluresdb"));
  for (const name of ["vite", "webpack"]) await symlink(join(here, "node_modules", name), join(folder, "node_modules", name));
  browser = await launch();
});

after(async () => {
  await browser?.close();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

const bundle = (tool) => run(process.execPath, [join(here, "build.mjs"), tool, folder], { cwd: here });

/** What the application finds out in a page of a site behind the policy. */
async function visit(content, { path = "/" } = {}) {
  const { url, close } = await serve(content, { headers: { "content-security-policy": policy } });
  try {
    return await look(url + path);
  } finally {
    await close();
  }
}

async function look(url) {
  const page = await browser.context.newPage();
  const told = [];
  page.on("console", (message) => told.push(message.text()));
  page.on("pageerror", (error) => told.push(error.message));
  try {
    await page.goto(url);
    await page.waitForFunction(() => document.title !== "", undefined, { timeout: 20_000 }).catch(() => {
      assert.fail(`the page is not done:\n${told.join("\n")}`);
    });
    const title = await page.title();
    assert.ok(title.startsWith("{"), title);
    return JSON.parse(title);
  } finally {
    await page.close();
  }
}

const page = (script) => `${html}<script type="module" src="${script}"></script>`;
const inWorker = { title: "Buy milk", worker: true, workerError: null };

test("publint and attw find nothing wrong with the package", async () => {
  await run(process.execPath, [join(here, "node_modules/publint/src/cli.js"), tarball, "--strict"]);
  const attw = join(here, "node_modules/@arethetypeswrong/cli/dist/index.js");
  const files = ["pluresdb_wasm_bg.wasm", "pluresdb_embed_wasm_bg.wasm", "static-en-256.safetensors", "static-en-256.txt"];
  await run(process.execPath, [attw, tarball, "--profile", "esm-only", "--exclude-entrypoints", ...files]).catch((error) => {
    assert.fail(error.stdout);
  });
});

test("the package says what it is, and under which licences", async () => {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const text = (...path) => readFileSync(join(...path), "utf8");
  assert.match(text(folder, "node_modules/pluresdb/README.md"), /^# pluresdb/);
  for (const name of ["LICENSE-MIT", "LICENSE-APACHE"]) {
    assert.equal(text(folder, "node_modules/pluresdb", name), text(root, name));
  }
});

test("a page without a bundler", async () => {
  const dist = { folder: join(folder, "node_modules/pluresdb/dist") };
  const main = readFileSync(join(folder, "main.js"), "utf8").replace('"pluresdb"', '"/pluresdb/index.js"');
  assert.deepEqual(await visit({ "/": page("/main.js"), "/main.js": main, "/pluresdb/": dist }), inWorker);
});

test("vite, built", async () => {
  await bundle("vite");
  const out = { folder: join(folder, "out/vite") };
  assert.deepEqual(await visit({ "/app/": out }, { path: "/app/index.html" }), inWorker);
});

test("vite, as it is developed", async () => {
  const { match, stop } = await start(process.execPath, [join(here, "build.mjs"), "vite-dev", folder], /ready at (\S+)/);
  try {
    assert.deepEqual(await look(`${match[1]}index.html`), inWorker);
  } finally {
    await stop();
  }
});

test("vite, for a server that renders", async () => {
  await bundle("vite-ssr");
  const { render } = await import(pathToFileURL(join(folder, "out/ssr/server.js")));
  assert.equal(render(), "<p>function</p>");
});

test("webpack", async () => {
  await bundle("webpack");
  const out = { folder: join(folder, "out/webpack") };
  assert.deepEqual(await visit({ "/": page("/app/main.js"), "/app/": out }), inWorker);
});

test("webpack, for a server, where a file's address is one on the site", async () => {
  await bundle("webpack-server");
  const { stdout } = await run(process.execPath, [join(folder, "out/webpack-server/main.cjs")]);
  assert.equal(stdout.trim(), "Buy milk");
});

test("Next: rendered on the server with a database there, and with one of the page", async () => {
  const app = join(folder, "next");
  const modules = join(app, "node_modules");
  await cp(join(here, "next"), app, { recursive: true });
  await mkdir(modules);
  for (const name of ["next", "react", "react-dom"]) await symlink(join(here, "node_modules", name), join(modules, name));
  await cp(join(folder, "node_modules/pluresdb"), join(modules, "pluresdb"), { recursive: true });
  const next = join(here, "node_modules/next/dist/bin/next");
  await run(process.execPath, [next, "build", app], { env: { ...process.env, NEXT_TELEMETRY_DISABLED: "1" } });
  const { match, stop } = await start(process.execPath, [next, "start", app, "-H", "127.0.0.1", "-p", "0"], /Local:\s+(http:\S+)/);
  try {
    assert.match(await (await fetch(match[1])).text(), /<h1>From the server<\/h1>/);
    assert.deepEqual(await look(match[1]), inWorker);
  } finally {
    await stop();
  }
});

test("the hooks of React say that they are for pages, as bundlers of servers ask", () => {
  const hooks = readFileSync(join(folder, "node_modules/pluresdb/dist/react.js"), "utf8");
  assert.match(hooks, /^"use client";/);
});

test("esbuild, with the files of the package beside the bundle; and on the page's thread where the worker is missing", async () => {
  const dist = join(folder, "node_modules/pluresdb/dist");
  const outdir = join(folder, "out/esbuild");
  const options = { bundle: true, format: "esm", outdir, logLevel: "error", absWorkingDir: folder };
  await esbuild({ ...options, entryPoints: { main: "main.js", worker: "pluresdb/worker" } });
  await copyFile(join(dist, "pluresdb_wasm_bg.wasm"), join(outdir, "pluresdb_wasm_bg.wasm"));
  const content = { "/": page("/app/main.js"), "/app/": { folder: outdir } };
  assert.deepEqual(await visit(content), inWorker);

  assert.ok((await readdir(outdir)).includes("worker.js"));
  await rm(join(outdir, "worker.js"));
  const { title, worker, workerError } = await visit(content);
  assert.deepEqual([title, worker], ["Buy milk", false]);
  assert.match(workerError, /could not be started/);
});

for (const [name, binary, args] of [
  ["Deno", `@deno/linux-${process.arch}-glibc/deno`, ["run", "--allow-read", "--node-modules-dir=manual"]],
  ["Bun", `@oven/bun-linux-${process.arch}/bin/bun`, ["run"]],
]) {
  const program = join(here, "node_modules", binary);
  test(name, { skip: process.platform !== "linux" && "its program is looked for on Linux" }, async () => {
    const { stdout } = await run(program, [...args, "runtime.mjs"], { cwd: folder, env: { ...process.env, NO_COLOR: "1" } });
    assert.equal(stdout.trim(), "Buy milk");
  });
}
