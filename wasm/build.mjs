/**
 * Builds the package: the WebAssembly module into `pkg`, then what is shipped into `dist`: the
 * module, the bundled JavaScript for browsers and for Node, the declarations.
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
    await must("wasm-pack", ["build", "--profile", "wasm", "--target", "web", "--out-dir", "pkg"], {
      cwd: here("."),
      env,
    });
  }
  await rm(here("dist"), { recursive: true, force: true });
  await mkdir(here("dist"), { recursive: true });
  await build({
    entryPoints: [here("js/index.ts"), here("js/node.ts")],
    outdir: here("dist"),
    bundle: true,
    // What both entries share is in one file of its own.
    splitting: true,
    format: "esm",
    target: "es2022",
    minify: true,
    sourcemap: true,
    external: ["node:*"],
    logLevel: "warning",
  });
  await copyFile(here("pkg/pluresdb_wasm_bg.wasm"), here("dist/pluresdb_wasm_bg.wasm"));
  await must("tsc", ["-p", here("tsconfig.json"), "--emitDeclarationOnly"], { env });
});
