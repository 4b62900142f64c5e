/**
 * Builds what is shipped, in release: the npm package with its WebAssembly module, the command line
 * program, the VS Code extension, the demo page. What is up to date is left alone.
 *
 *   npm run build                     everything
 *   npm run build -- wasm extension   some of it: wasm, cli, extension, demo
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildEnvironment, wasmEnvironment } from "./lib/environment.mjs";
import { fingerprint, isFresh, markFresh } from "./lib/freshness.mjs";
import { npm } from "./lib/npm.mjs";
import { root } from "./lib/paths.mjs";
import { must } from "./lib/run.mjs";
import { duration, heading, note } from "./lib/say.mjs";
import { main, Stop } from "./lib/stop.mjs";
import { setup } from "./setup.mjs";

const rust = ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", ".cargo"];
const script = ["package-lock.json", "tsconfig.base.json"];
const wasm = [...rust, ...script, "core", "wasm", "models"];

/** In the order in which they need one another. */
const parts = {
  wasm: () => workspace("wasm", wasm, ["wasm/pkg", "wasm/embed/pkg", "wasm/dist"], wasmEnvironment()),
  cli: () => cargo("pluresdb-cli"),
  extension: () =>
    workspace("vscode-extension", [...wasm, "vscode-extension"], ["vscode-extension/dist"]),
  demo: () => workspace("demo", [...wasm, "demo"], ["demo/dist"]),
};

/** Builds these parts; all when none is named. */
export async function build(names = []) {
  const unknown = names.filter((name) => !(name in parts));
  if (unknown.length > 0) {
    throw new Stop(`build knows ${Object.keys(parts).join(", ")}, not ${unknown.join(", ")}.`);
  }
  const wanted = names.length > 0 ? names : Object.keys(parts);
  for (const name of Object.keys(parts).filter((part) => wanted.includes(part))) {
    await parts[name]();
  }
}

/** Runs a workspace's own build unless its sources are those it was last built from. */
async function workspace(folder, sources, products, env = buildEnvironment()) {
  const manifest = join(root, folder, "package.json");
  if (!existsSync(manifest) || !JSON.parse(readFileSync(manifest, "utf8")).scripts?.build) {
    note(`${folder} has nothing to build`);
    return;
  }
  // Taken before the build: a file saved while it runs makes the next build run again.
  const print = fingerprint(sources);
  if (isFresh(folder, print, products)) {
    note(`${folder} is up to date`);
    return;
  }
  await timed(folder, () => npm(["run", "build", "-w", folder], { env }));
  markFresh(folder, print);
}

/** cargo itself knows what is up to date. */
const cargo = (name) =>
  timed(name, () => must("cargo", ["build", "--release", "-p", name], { env: buildEnvironment() }));

async function timed(name, work) {
  heading(`build ${name}`);
  const begun = Date.now();
  await work();
  note(`${name} built in ${duration(Date.now() - begun)}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(async () => {
    await setup();
    await build(process.argv.slice(2));
  });
}
