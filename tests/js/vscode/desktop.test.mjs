/**
 * The desktop entry point as far as it can be seen without the desktop program: what the bundle asks for,
 * and that the engine it carries opens a file in Node by the module it ships. Not covered: the bundle's
 * start in the desktop's extension host, its windows and its file watching.
 */

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { pluresdb } from "../lib/process.mjs";
import { image } from "./fixture.mjs";

const here = (path) => fileURLToPath(new URL(`../../../vscode-extension/${path}`, import.meta.url));

/** Every name a bundle asks `require` for. */
async function required(bundle) {
  const { metafile } = await build({
    entryPoints: [here(bundle)],
    bundle: true,
    platform: "neutral",
    write: false,
    metafile: true,
    logLevel: "silent",
    plugins: [{ name: "outside", setup: (on) => on.onResolve({ filter: /.*/ }, outside) }],
  });
  return Object.values(metafile.inputs).flatMap(({ imports }) => imports.map(({ path }) => path));
}

const outside = ({ path, kind }) => (kind === "entry-point" ? undefined : { path, external: true });

test("the desktop bundle asks for VS Code and Node and nothing else", async () => {
  const names = await required("dist/extension.node.js");
  assert.ok(names.includes("vscode"));
  assert.deepEqual(names.filter((name) => name !== "vscode" && !isBuiltin(name)), []);
});

test("the browser bundle asks for VS Code and nothing else", async () => {
  assert.deepEqual([...new Set(await required("dist/extension.web.js"))], ["vscode"]);
});

test("the manifest names bundles that are built, and commands that are registered", async () => {
  const manifest = JSON.parse(await readFile(here("package.json"), "utf8"));
  const bundle = await readFile(here(manifest.main), "utf8");
  await readFile(here(manifest.browser));
  for (const { command } of manifest.contributes.commands) {
    assert.ok(bundle.includes(`"${command}"`), command);
  }
});

/** The engine of the extension over the module that it ships. */
async function engine() {
  const { outputFiles } = await build({
    entryPoints: [here("src/engine/image.ts")],
    bundle: true,
    platform: "node",
    format: "esm",
    define: { "import.meta.url": '"file:///"' },
    write: false,
  });
  const { openImage } = await import(
    `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`
  );
  const wasm = await WebAssembly.compile(await readFile(here("dist/pluresdb_wasm_bg.wasm")));
  return (file) => openImage({ name: "a.pluresdb", wal: new Uint8Array(), ...file }, wasm);
}

test("the engine of the extension opens a file in Node by the module it ships", async () => {
  const openFile = await engine();
  const bytes = await image((db) => db.put({ id: "a", type: "Note", data: { title: "Milk" } }));
  const { database, overview, fromWal } = await openFile({ bytes });
  assert.equal(fromWal, false);
  assert.deepEqual(overview.types, [{ name: "Note", count: 1 }]);
  assert.deepEqual(await database.query("SELECT title FROM Note"), [{ title: "Milk" }]);
  await database.close();
});

test("a file that a killed program left with its write-ahead file is read as the command line reads it", async (t) => {
  const run = promisify(execFile);
  const folder = await mkdtemp(join(tmpdir(), "pluresdb-wal-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, "a.pluresdb");
  await run(pluresdb, ["init", path]);
  await killDuringImport(path);

  const [bytes, wal] = await Promise.all([readFile(path), readFile(`${path}-wal`)]);
  const { database, overview, fromWal } = await (await engine())({ bytes, wal });
  assert.ok(fromWal && overview.status.records > 0);
  const everything = "SELECT count(*) AS nodes, sum(length(data)) AS size, max(id) AS last FROM nodes";
  const { stdout } = await run(pluresdb, ["query", path, everything, "--json"]);
  assert.deepEqual(await database.query(everything), [JSON.parse(stdout)].flat());
  await database.close();
});

/** Imports without end and kills the program once its write-ahead file has grown past a few checkpoints. */
async function killDuringImport(path) {
  const child = spawn(pluresdb, ["import", path, "-"], { stdio: ["pipe", "ignore", "inherit"] });
  child.stdin.on("error", () => {});
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const until = Date.now() + 60_000;
  for (let at = 0; Date.now() < until && child.exitCode === null; at += 1000) {
    const lines = Array.from({ length: 1000 }, (_, line) => JSON.stringify({ id: `n${at + line}`, type: "Note", data: { text: "x".repeat(200), at } }));
    child.stdin.write(`${lines.join("\n")}\n`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const [file, wal] = await Promise.all([path, `${path}-wal`].map((name) => stat(name).catch(() => ({ size: 0 }))));
    if (file.size > 2_000_000 && wal.size > 0) break;
  }
  child.kill("SIGKILL");
  await ended;
}
