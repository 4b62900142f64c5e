/**
 * Feeds made-up bytes to everything that reads bytes from outside, and keeps going for a while.
 * Says which inputs break a promise; each is left in .cache/fuzz/crashes. What `npm test` replays is in
 * fuzz/corpus.
 *
 *   npm run fuzz                                  every target, 60 seconds each
 *   npm run fuzz -- --seconds 600 --target value  some targets; --target may repeat
 *   npm run fuzz -- --keep                        then keeps the inputs that reach code no other reaches
 *   npm run fuzz -- --seeds                       only writes the seeds anew, after a change of a format
 */

import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildEnvironment } from "./lib/environment.mjs";
import { target as built, root, scratch } from "./lib/paths.mjs";
import { capture, must, run } from "./lib/run.mjs";
import { heading, note } from "./lib/say.mjs";
import { main, Stop } from "./lib/stop.mjs";
import * as versions from "./lib/versions.mjs";
import { ensureRust } from "./setup/rust.mjs";

/** Most memory of the program, in MiB; each reader has a stricter bound of its own. */
const memoryLimit = 2048;
/** Seconds that one input may take. */
const inputLimit = 20;
/** Longest input that is kept. */
const keptBytes = 1024;

const corpus = join(root, "fuzz", "corpus");
const work = join(scratch, "fuzz");
const crashes = join(work, "crashes");

/** What makes the compiler tell libFuzzer which code ran; none of it needs a nightly compiler. */
const coverage = [
  "-Cpasses=sancov-module",
  ...["level=4", "inline-8bit-counters", "pc-table", "trace-compares"].map(
    (option) => `-Cllvm-args=-sanitizer-coverage-${option}`,
  ),
  "--cfg=fuzzing",
  "-Ccodegen-units=1",
];

/** Builds the program with every target in it and gives its path. */
async function program() {
  const host = /^host: (.*)$/m.exec(capture("rustc", ["-vV"]).stdout)?.[1];
  if (!host) throw new Stop("`rustc -vV` does not say what this machine is.");
  const target = join(built, "fuzz");
  const manifest = join(root, "fuzz", "libfuzzer", "Cargo.toml");
  await must(
    "cargo",
    // With a target named, build scripts are compiled without the flags.
    ["build", "--release", "--manifest-path", manifest, "--target", host, "--target-dir", target],
    {
      env: { ...buildEnvironment(), RUSTFLAGS: coverage.join(" ") },
      explanation:
        "See above. Beside Rust, libFuzzer needs a C++ compiler (Debian, Ubuntu: `apt install g++`).",
    },
  );
  return join(target, host, "release", "pluresdb-fuzz");
}

/** The names in the table of targets. */
function targets() {
  const table = readFileSync(join(root, "fuzz", "targets", "src", "lib.rs"), "utf8");
  return [...table.matchAll(/Target \{ name: "([a-z_]+)"/g)].map((match) => match[1]);
}

function libFuzzer(binary, target, args) {
  const env = { ...process.env, PLURESDB_FUZZ_TARGET: target };
  return run(binary, [`-rss_limit_mb=${memoryLimit}`, `-timeout=${inputLimit}`, ...args], { env });
}

/** Runs one target; true where nothing was found. */
async function fuzz(binary, target, seconds) {
  const found = join(work, target);
  mkdirSync(found, { recursive: true });
  mkdirSync(crashes, { recursive: true });
  const code = await libFuzzer(binary, target, [
    `-max_total_time=${seconds}`,
    `-artifact_prefix=${join(crashes, `${target}-`)}`,
    "-print_final_stats=1",
    found,
    join(corpus, target),
  ]);
  return code === 0;
}

/**
 * Adds to the corpus what reaches code that nothing in it reaches, in few inputs. How often it is
 * reached does not count: the tests would replay several times as many.
 */
async function keep(binary, target) {
  const code = await libFuzzer(binary, target, [
    "-set_cover_merge=1",
    "-use_counters=0",
    `-max_len=${keptBytes}`,
    join(corpus, target),
    join(work, target),
  ]);
  if (code !== 0) throw new Stop(`The corpus of ${target} could not be merged.`);
}

function seeds() {
  return must(
    "cargo",
    ["nextest", "run", "-p", "pluresdb-fuzz-targets", "every_seed_is_taken_and_kept"],
    { env: { ...buildEnvironment(), PLURESDB_WRITE_SEEDS: "1" } },
  );
}

function wanted() {
  const { values } = parseArgs({
    options: {
      seconds: { type: "string", default: "60" },
      target: { type: "string", multiple: true },
      keep: { type: "boolean", default: false },
      seeds: { type: "boolean", default: false },
    },
  });
  const known = targets();
  const unknown = (values.target ?? []).filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new Stop(`There is no target ${unknown.join(", ")}; there are ${known.join(", ")}.`);
  }
  const seconds = Number(values.seconds);
  if (!Number.isInteger(seconds) || seconds < 1) {
    throw new Stop(`--seconds takes a whole number from 1, not ${values.seconds}.`);
  }
  return { ...values, seconds, targets: values.target ?? known };
}

await main(async () => {
  const { seconds, keep: keeping, seeds: onlySeeds, targets: names } = wanted();
  await ensureRust(versions.rustToolchain());
  if (onlySeeds) return seeds();
  const binary = await program();
  const failed = [];
  for (const name of names) {
    heading(`${name}, ${seconds} s`);
    if (!(await fuzz(binary, name, seconds))) failed.push(name);
    else if (keeping) await keep(binary, name);
  }
  heading("Summary");
  note(`${names.length - failed.length} of ${names.length} targets kept their promises`);
  if (failed.length === 0) return 0;
  note(`broken: ${failed.join(", ")}; the inputs are in ${crashes}:`);
  if (existsSync(crashes)) readdirSync(crashes).forEach((name) => note(`  ${name}`));
  note("Fix the reader, then keep the input in fuzz/corpus under a name that says what it taught.");
  return 1;
});
