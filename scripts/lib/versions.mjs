// The versions this repository asks for, each read from the one file that decides it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./paths.mjs";
import { Stop } from "./stop.mjs";

const read = (name) => readFileSync(join(root, name), "utf8");

function pick(text, pattern, what) {
  const found = pattern.exec(text);
  if (!found) throw new Stop(`${what} was not found.`);
  return found[1];
}

/** The Rust release with its targets and components, from rust-toolchain.toml. */
export function rustToolchain() {
  const text = read("rust-toolchain.toml");
  const list = (key) =>
    [
      ...(new RegExp(`^${key}\\s*=\\s*\\[([^\\]]*)\\]`, "m").exec(text)?.[1] ?? "").matchAll(
        /"([^"]+)"/g,
      ),
    ].map((match) => match[1]);
  return {
    channel: pick(text, /^channel\s*=\s*"([^"]+)"/m, "The channel in rust-toolchain.toml"),
    targets: list("targets"),
    components: list("components"),
  };
}

/** wasm-bindgen's version from Cargo.toml: its command line tool must be of exactly that version. */
export const wasmBindgen = () =>
  pick(
    read("Cargo.toml"),
    /^wasm-bindgen\s*=\s*(?:\{[^}]*version\s*=\s*)?"=([^"]+)"/m,
    "The version of wasm-bindgen, pinned with `=` in Cargo.toml,",
  );

/** Tools that no manifest names. */
export const wasmPack = "0.15.1";
export const cargoNextest = "0.9.143";
export const cargoDeny = "0.20.2";
export const geckodriver = "0.37.1";

/** The oldest Node that runs the tools in package.json. */
export const node = () => pick(read("package.json"), /"node": ">=([0-9.]+)"/, "The Node version");
