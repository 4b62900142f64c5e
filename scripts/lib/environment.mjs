// The environment of builds: the tools that setup built or npm brought come first on PATH, and C is
// compiled to WebAssembly by a compiler that can.

import { delimiter, join } from "node:path";
import { findWasmClang } from "./clang.mjs";
import { root, toolHome } from "./paths.mjs";
import * as versions from "./versions.mjs";

/** As in .cargo/config.toml. */
const wasmFlags =
  '--cfg getrandom_backend="wasm_js" -Ctarget-feature=+simd128 -Cllvm-args=-inline-threshold=25';

/** Environment for anything that may compile the wasm package. */
export function buildEnvironment() {
  const compiler = findWasmClang();
  const environment = {
    ...process.env,
    PATH: [...toolFolders(), process.env.PATH].join(delimiter),
    CARGO_TERM_COLOR: process.stdout.isTTY ? "always" : (process.env.CARGO_TERM_COLOR ?? "auto"),
  };
  if (compiler) {
    environment.CC_wasm32_unknown_unknown = compiler.clang;
    environment.AR_wasm32_unknown_unknown = compiler.ar;
  }
  return environment;
}

/** Environment for cargo calls that compile for wasm32-unknown-unknown only. */
export function wasmEnvironment() {
  const environment = buildEnvironment();
  // RUSTFLAGS in the environment would replace those of .cargo/config.toml.
  if (environment.RUSTFLAGS) environment.RUSTFLAGS += ` ${wasmFlags}`;
  return environment;
}

/** The programs npm installed, then the tools in the per-user cache. */
export const toolFolders = () => [
  join(root, "node_modules", ".bin"),
  ...[
    ["wasm-bindgen-cli", versions.wasmBindgen()],
    ["wasm-pack", versions.wasmPack],
    ["cargo-nextest", versions.cargoNextest],
    ["cargo-deny", versions.cargoDeny],
  ].map(([name, version]) => join(toolHome(name, version), "bin")),
];
