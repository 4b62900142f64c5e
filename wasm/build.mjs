/**
 * Builds the package: the WebAssembly modules into `pkg` and `embed/pkg`, then what is shipped into
 * `dist`: the modules, the embedding model, the bundled JavaScript for browsers and for Node, the
 * declarations.
 *
 *   npm run build -w wasm                 everything
 *   npm run build -w wasm -- --js-only    JavaScript only, with the module built before
 */

import { copyFile, mkdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { wasmEnvironment } from "../scripts/lib/environment.mjs";
import { must } from "../scripts/lib/run.mjs";
import { main } from "../scripts/lib/stop.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const env = wasmEnvironment();

await main(async () => {
  if (!process.argv.includes("--js-only")) {
    for (const crate of [".", "embed"]) {
      await must("wasm-pack", ["build", "--profile", "wasm", "--target", "web", "--out-dir", "pkg"], {
        cwd: here(crate),
        env,
      });
    }
  }
  await rm(here("dist"), { recursive: true, force: true });
  await mkdir(here("dist"), { recursive: true });
  await build({
    entryPoints: ["index", "node", "worker", "react", "svelte", "yjs", "embed", "embed-node"].map((name) => here(`js/${name}.ts`)),
    outdir: here("dist"),
    bundle: true,
    // What entries share is in files of its own.
    splitting: true,
    format: "esm",
    target: "es2022",
    minify: true,
    // Node shows the whole line of an error that nobody caught.
    lineLimit: 200,
    sourcemap: true,
    // The application's own: there must be one of each in a page.
    external: ["node:*", "react", "yjs"],
    logLevel: "warning",
  });
  for (const [from, to] of [
    ["pkg/pluresdb_wasm_bg.wasm", "pluresdb_wasm_bg.wasm"],
    ["embed/pkg/pluresdb_embed_wasm_bg.wasm", "pluresdb_embed_wasm_bg.wasm"],
    ["../models/static-en-256/model.safetensors", "static-en-256.safetensors"],
    ["../models/static-en-256/vocab.txt", "static-en-256.txt"],
    ["../models/static-en-256/README.md", "static-en-256.md"],
  ]) {
    await copyFile(here(from), here(`dist/${to}`));
  }
  await must("tsc", ["-p", here("tsconfig.json"), "--emitDeclarationOnly"], { env });
});
