// Builds one command line tool from source, once for each version, into the per-user tool cache.

import { mkdirSync, renameSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { delimiter, join } from "node:path";
import { which } from "../lib/find.mjs";
import { toolCache, toolHome } from "../lib/paths.mjs";
import { must } from "../lib/run.mjs";
import { duration, heading, note } from "../lib/say.mjs";
import * as versions from "../lib/versions.mjs";

/** These tools run for seconds and compile for minutes: what counts is that they compile soon. */
const quickCompile = {
  CARGO_PROFILE_RELEASE_LTO: "false",
  CARGO_PROFILE_RELEASE_OPT_LEVEL: "1",
  CARGO_PROFILE_RELEASE_CODEGEN_UNITS: "16",
  CARGO_PROFILE_RELEASE_DEBUG: "false",
};

/**
 * Makes sure that `program` of the package `name` is there.
 * With `anyVersion`, one found on PATH is good enough.
 */
export async function ensureCargoTool({
  name,
  version,
  program,
  purpose,
  locked = true,
  anyVersion = false,
}) {
  const home = toolHome(name, version);
  if (which(program, [join(home, "bin")]) || (anyVersion && which(program))) return;

  heading(`${name} ${version}`);
  note(`${purpose}; compiled once, for minutes, into ${home}`);
  const begun = Date.now();
  const unfinished = `${home}.unfinished-${process.pid}`;
  mkdirSync(toolCache, { recursive: true });
  await must(
    "cargo",
    [
      "install",
      name,
      "--version",
      version,
      "--root",
      unfinished,
      "--jobs",
      String(availableParallelism()),
      ...(locked ? ["--locked"] : []),
    ],
    {
      // Outside the repository, so that its cargo settings do not reach the tool.
      cwd: toolCache,
      stdio: ["ignore", "inherit", "inherit"],
      env: {
        ...process.env,
        ...quickCompile,
        // cargo would advise to add this folder, which is soon gone.
        PATH: [process.env.PATH, join(unfinished, "bin")].join(delimiter),
        RUSTFLAGS: "",
        RUSTUP_TOOLCHAIN: versions.rustToolchain().channel,
      },
      explanation: "A C compiler and a connection to the crate registry are needed for this.",
    },
  );
  if (!which(program, [join(unfinished, "bin")])) {
    throw new Error(`${name} ${version} was built, but has no program ${program}`);
  }
  // Moved when whole: an interrupted build leaves no half of a tool where the next run looks.
  rmSync(home, { recursive: true, force: true });
  renameSync(unfinished, home);
  note(`built in ${duration(Date.now() - begun)}`);
}
