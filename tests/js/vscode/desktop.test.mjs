/**
 * The desktop entry point as far as it can be seen without the desktop program: what the bundle asks for,
 * and that the engine it carries opens a file in Node by the module it ships. Not covered: the bundle's
 * start in the desktop's extension host, its windows and its file watching.
 */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
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

test("the engine of the extension opens a file in Node by the module it ships", async () => {
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
  const bytes = await image((db) => db.put({ id: "a", type: "Note", data: { title: "Milk" } }));
  const { database, overview, warning } = await openImage({ name: "a.pluresdb", bytes, walBytes: 0 }, wasm);
  assert.equal(warning, null);
  assert.deepEqual(overview.types, [{ name: "Note", count: 1 }]);
  assert.deepEqual(await database.query("SELECT title FROM Note"), [{ title: "Milk" }]);
  await database.close();
});
