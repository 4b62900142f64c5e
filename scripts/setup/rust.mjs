// The Rust release of rust-toolchain.toml with its targets and components. rustup is called by name:
// where its automatic installation is switched off, a plain cargo call would only fail.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { which } from "../lib/find.mjs";
import { capture, must } from "../lib/run.mjs";
import { heading, note } from "../lib/say.mjs";
import { Stop } from "../lib/stop.mjs";

const programs = { rustfmt: "cargo-fmt", clippy: "cargo-clippy" };

/** Installs what is missing of `{ channel, targets, components }`. */
export async function ensureRust(wanted) {
  const before = missing(wanted);
  if (before.length === 0) return;
  const list = before.join(", ");
  if (!which("rustup")) {
    throw new Stop(
      `Missing of Rust ${wanted.channel}: ${list}.\n` +
        "Install rustup (Debian, Ubuntu: `apt install rustup`; others: see https://rustup.rs), then run this again.",
    );
  }
  heading(`Rust ${wanted.channel}`);
  note(`missing: ${list}`);
  await must("rustup", [
    "toolchain",
    "install",
    wanted.channel,
    "--profile",
    "minimal",
    "--no-self-update",
  ]);
  await must("rustup", ["component", "add", "--toolchain", wanted.channel, ...wanted.components]);
  await must("rustup", ["target", "add", "--toolchain", wanted.channel, ...wanted.targets]);
  const after = missing(wanted);
  if (after.length > 0) {
    throw new Stop(
      `Still missing of Rust ${wanted.channel}: ${after.join(", ")}.\n` +
        "The `cargo` that comes first on PATH must be rustup's.",
    );
  }
}

/** What cargo, called in this repository, would not find. */
function missing({ channel, targets, components }) {
  const sysroot = capture("rustc", ["--print", "sysroot"]);
  if (sysroot.code !== 0) return ["the compiler", ...components, ...targets];
  const folder = sysroot.stdout.trim();
  const installed = {
    programs: names(join(folder, "bin")),
    targets: names(join(folder, "lib", "rustlib")),
  };
  const release = capture("rustc", ["--version"]).stdout.split(" ")[1];
  return [
    ...(release === channel ? [] : [`the compiler (found ${release})`]),
    ...components.filter((name) => programs[name] && !installed.programs.includes(programs[name])),
    ...targets.filter((name) => !installed.targets.includes(name)),
  ];
}

function names(folder) {
  try {
    return readdirSync(folder).map((name) => name.replace(/\.exe$/, ""));
  } catch {
    return [];
  }
}
