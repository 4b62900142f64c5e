/**
 * Builds the extension into `vscode-extension/dist`: one script for the desktop, one for the browser,
 * the scripts and styles of the two webviews, and the wasm module that both entry points load.
 */
import { cp, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const dist = here("dist");

const shared = {
  bundle: true,
  target: "es2022",
  minify: true,
  sourcemap: true,
  logLevel: "warning",
};

/**
 * The extension host runs CommonJS and provides `vscode`. A CommonJS script has no address of its own; the
 * package would look for its module beside it, but is always given the module.
 */
const entry = {
  ...shared,
  entryPoints: [here("src/extension.ts")],
  format: "cjs",
  external: ["vscode"],
  define: { "import.meta.url": '"file:///"' },
};

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
await Promise.all([
  build({ ...entry, platform: "browser", outfile: join(dist, "extension.web.js") }),
  build({ ...entry, platform: "node", outfile: join(dist, "extension.node.js") }),
  build({
    ...shared,
    entryPoints: [
      { in: here("webview/query/main.ts"), out: "query" },
      { in: here("webview/query/query.css"), out: "query" },
      { in: here("webview/editor/main.ts"), out: "editor" },
      { in: here("webview/editor/editor.css"), out: "editor" },
    ],
    format: "iife",
    platform: "browser",
    outdir: join(dist, "webview"),
  }),
  cp(here("../wasm/pkg/pluresdb_wasm_bg.wasm"), join(dist, "pluresdb_wasm_bg.wasm")),
]);
