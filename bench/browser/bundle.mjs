/** Bundles what pages load: the entries, their peers each a chunk of its own, and workers. */

import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const entries = {
  store: here("store/page/main.js"),
  "sqlite-wasm-worker": here("store/page/peers/sqlite-wasm-worker.js"),
  text: here("text/page/main.js"),
};

/** What pages find under their addresses: the bundles made in `folder`, and the packages for what is no script of theirs. */
export async function content(folder) {
  const outdir = join(folder, "bundles");
  await rm(outdir, { recursive: true, force: true });
  await build({
    entryPoints: entries,
    outdir,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    minify: true,
    // What the site has as it is.
    external: ["/pluresdb/*", "/peers/*"],
    define: { global: "globalThis", "process.env.NODE_ENV": '"production"' },
    logLevel: "error",
  });
  const page = (name) => `<!doctype html><meta charset="utf-8"><title>${name}</title><script type="module" src="/bundles/${name}.js"></script>`;
  return {
    "/store": page("store"),
    "/text": page("text"),
    "/bundles/": { folder: outdir },
    "/peers/": { folder: here("node_modules") },
  };
}
