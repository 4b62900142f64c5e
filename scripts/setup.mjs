/**
 * Installs what the other commands need and is not there yet: the Rust toolchain, a clang that can
 * produce WebAssembly, the WebAssembly tools, the npm packages; for `test` also cargo-nextest and
 * Chromium, Firefox and WebKit with their drivers, for `check` cargo-deny. Quick when nothing is missing.
 *
 *   npm run setup                  what a build needs
 *   npm run setup -- test check    also what `npm test` and `npm run check` need
 */

import { fileURLToPath } from "node:url";
import { main, Stop } from "./lib/stop.mjs";
import * as versions from "./lib/versions.mjs";
import { ensureBrowser } from "./setup/browser.mjs";
import { ensureCargoTool } from "./setup/cargo-tool.mjs";
import { ensureClang } from "./setup/clang.mjs";
import { ensureNpmPackages } from "./setup/npm.mjs";
import { ensureOtherBrowsers } from "./setup/other-browsers.mjs";
import { ensureRust } from "./setup/rust.mjs";

const purposes = ["build", "test", "check"];

/** Makes sure that everything for these purposes is there, or throws a `Stop` that says what to do. */
export async function setup(wanted = ["build"]) {
  const unknown = wanted.filter((name) => !purposes.includes(name));
  if (unknown.length > 0) {
    throw new Stop(`setup knows ${purposes.join(", ")}, not ${unknown.join(", ")}.`);
  }
  ensureNode();
  await ensureRust(versions.rustToolchain());
  await ensureClang();
  await ensureCargoTool({
    name: "wasm-bindgen-cli",
    version: versions.wasmBindgen(),
    program: "wasm-bindgen-test-runner",
    purpose: "makes a WebAssembly module callable from JavaScript",
    // The lock file in its package names a version of a dependency that was withdrawn.
    locked: false,
  });
  await ensureCargoTool({
    name: "wasm-pack",
    version: versions.wasmPack,
    program: "wasm-pack",
    purpose: "builds the npm package from the Rust crate",
  });
  await ensureNpmPackages();
  if (wanted.includes("test")) {
    await ensureCargoTool({
      name: "cargo-nextest",
      version: versions.cargoNextest,
      program: "cargo-nextest",
      purpose: "runs the Rust tests",
      anyVersion: true,
    });
    await ensureBrowser();
    await ensureOtherBrowsers();
  }
  if (wanted.includes("check")) {
    await ensureCargoTool({
      name: "cargo-deny",
      version: versions.cargoDeny,
      program: "cargo-deny",
      purpose: "checks licences and sources of the dependencies",
      anyVersion: true,
    });
  }
}

function ensureNode() {
  const needed = versions.node();
  const parts = (version) => version.split(".").map(Number);
  const [major, minor = 0] = parts(needed);
  const [ownMajor, ownMinor] = parts(process.versions.node);
  if (ownMajor < major || (ownMajor === major && ownMinor < minor)) {
    throw new Stop(`Node ${needed} or newer is needed, this is ${process.versions.node}.`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(async () => {
    await setup(["build", ...process.argv.slice(2)]);
    console.log("Everything that is needed is installed.");
  });
}
