// A clang that can produce WebAssembly, with its archiver.

import { findWasmClang } from "../lib/clang.mjs";
import { heading, note } from "../lib/say.mjs";
import { Stop } from "../lib/stop.mjs";
import * as apt from "./apt.mjs";

const releases = [19, 18, 16, 14];

export async function ensureClang() {
  if (findWasmClang()) return;
  if (!apt.mayUseApt()) {
    throw new Stop(
      "A clang that can produce WebAssembly is needed to compile SQLite.\n" +
        "Debian, Ubuntu:  sudo apt-get install clang llvm\n" +
        "Fedora:          sudo dnf install clang llvm\n" +
        "macOS:           brew install llvm\n" +
        "Anywhere else, name one by CC_wasm32_unknown_unknown and its llvm-ar by AR_wasm32_unknown_unknown.",
    );
  }
  heading("clang and llvm");
  note("SQLite is compiled to WebAssembly, and gcc cannot do that");
  await apt.refresh();
  const release = releases.find((number) => apt.offers(`clang-${number}`));
  await apt.install(release ? [`clang-${release}`, `llvm-${release}`] : ["clang", "llvm"]);
  if (!findWasmClang()) {
    throw new Stop(
      "The clang that was installed has no WebAssembly target: `clang --print-targets`.",
    );
  }
}
