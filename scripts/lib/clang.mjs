// Finds a C compiler that can produce WebAssembly: SQLite is C, and many compilers (Apple's, gcc) cannot.

import { dirname } from "node:path";
import { capture } from "./run.mjs";
import { isProgram, which } from "./find.mjs";

const newest = 22;
const oldest = 14;
const names = [
  ...Array.from({ length: newest - oldest + 1 }, (_, index) => `clang-${newest - index}`),
  "clang",
];
const unlisted = [
  "/opt/homebrew/opt/llvm/bin/clang",
  "/usr/local/opt/llvm/bin/clang",
  "C:\\Program Files\\LLVM\\bin\\clang.exe",
];

/** `{ clang, ar }` as full paths, or undefined. `CC_wasm32_unknown_unknown` is tried first. */
export function findWasmClang(environment = process.env) {
  const chosen = environment.CC_wasm32_unknown_unknown;
  const candidates = [
    ...(chosen ? [which(chosen) ?? chosen] : []),
    ...names.map((name) => which(name)),
    ...unlisted,
  ];
  for (const clang of candidates) {
    if (!clang || !isProgram(clang) || !targetsWasm(clang)) continue;
    const ar = environment.AR_wasm32_unknown_unknown ?? archiver(clang);
    if (ar) return { clang, ar };
  }
  return undefined;
}

const targetsWasm = (clang) => /^\s*wasm32\b/m.test(capture(clang, ["--print-targets"]).stdout);

/** The llvm-ar of the same LLVM; the system's `ar` cannot index WebAssembly objects. */
function archiver(clang) {
  const named = capture(clang, ["-print-prog-name=llvm-ar"]).stdout.trim();
  const suffix = /-\d+$/.exec(clang)?.[0] ?? "";
  return isProgram(named)
    ? named
    : (which(`llvm-ar${suffix}`) ?? which("llvm-ar", [dirname(clang)]) ?? which("llvm-ar"));
}
