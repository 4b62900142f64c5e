/** Bundles the peers whose modules name others as only bundlers resolve them. */

import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Writes them into a folder, each as one module under its name. */
export async function bundlePeers(folder) {
  await build({
    stdin: { contents: 'export * from "@tanstack/db"', resolveDir: here(".") },
    outfile: `${folder}/tanstack-db.js`,
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    minify: true,
    define: { "process.env.NODE_ENV": '"production"' },
    logLevel: "error",
  });
}
