/**
 * Measures, with peers on the same work in the same run. Claims are ratios of one run.
 *
 *   npm run bench -- core             the core: one table, a few minutes
 *   npm run bench -- core --growth    also from a tenth to ten times the nodes
 *   npm run bench -- core --quick     shows in seconds that everything runs, not how fast
 *   npm run bench -- core --json      for programs
 *   npm run bench -- core --processor only time on a processor, on a busy machine
 *   npm run bench -- core --report    also writes docs/benchmarks/core.md
 *   npm run bench -- core --nodes N   on N nodes in place of 100,000
 *   npm run bench -- core --parts     what the parts of one write take, without storage
 *   npm run bench -- meaning          how well words, meaning and both find what examples belong to
 *   npm run bench -- query            text, vectors, graph and live queries, natively and in a page
 *   npm run bench -- query live       one section, or some: hybrid, live, text, vectors; natively also graph
 *   npm run bench -- query --native   without the page; --page without the rest
 *   npm run bench -- query --report   also writes docs/benchmarks/query.md
 *   npm run bench -- browser          keeping documents and texts in a page, beside what others keep them with there
 *   npm run bench -- browser store    one section: store, text
 *   npm run bench -- vectors          the nearest of 100,000 vectors: time and recall, beside peers (--graphs: also graph indexes)
 *   npm run bench -- page             the demo page with WordNet: import, first sync, reopening
 *   npm run bench -- page --rounds N  as the median of N rounds, in place of 3
 */

import { closeSync, mkdirSync, openSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { machine } from "../bench/lib/machine.mjs";
import { buildEnvironment } from "./lib/environment.mjs";
import { fingerprint, isFresh, markFresh } from "./lib/freshness.mjs";
import { build } from "./build.mjs";
import { npm } from "./lib/npm.mjs";
import { target as built, root, scratch } from "./lib/paths.mjs";
import { capture, must } from "./lib/run.mjs";
import { table } from "./lib/say.mjs";
import { main, Stop } from "./lib/stop.mjs";

/** The peers' dependencies are many and are optimised otherwise than ours: a folder of their own. */
const target = join(built, "bench");
const ending = process.platform === "win32" ? ".exe" : "";
const model = join(root, "models", "static-en-256");
const program = (name) => join(target, "release", name + ending);

const benches = { browser, core, meaning, page, query, vectors };

async function core(args) {
  const cwd = join(root, "bench");
  const env = { ...buildEnvironment(), CARGO_TARGET_DIR: target };
  if (args.includes("--parts")) {
    const rest = args.filter((arg) => arg !== "--parts");
    return must("cargo", ["bench", "--bench", "parts", "--", ...rest], { cwd, env });
  }
  // Not with `--locked`: the core's dependencies may have changed since, and nothing else builds this.
  const build = ["build", "--release"];
  await must("cargo", build, { cwd, env });
  // A program of its own: it links another SQLite.
  await must("cargo", build, { cwd: join(cwd, "published"), env });

  // On the disk of the checkout: a system's folder for temporary files may be in memory.
  const folder = join(scratch, "bench");
  mkdirSync(folder, { recursive: true });
  const paths = ["--folder", folder, "--published", program("pluresdb-bench-published")];
  await must(program("pluresdb-bench"), [...paths, ...args.flatMap(withReport)]);
}

function meaning(args) {
  return onWordnet("pluresdb-bench-meaning", args);
}

function vectors(args) {
  return onWordnet("pluresdb-bench-vectors", args);
}

/** A program that reads WordNet from a file, and the embedding model. */
async function onWordnet(name, args) {
  const cwd = join(root, "bench");
  const env = { ...buildEnvironment(), CARGO_TARGET_DIR: target };
  await must("cargo", ["build", "--release", "-p", name], { cwd, env });

  const wordnet = await wordnetLines();
  await must(program(name), ["--wordnet", wordnet, "--model", model, ...args]);
}

/** WordNet as JSON Lines in a file; gives its path. */
async function wordnetLines() {
  const folder = join(scratch, "bench");
  mkdirSync(folder, { recursive: true });
  const wordnet = join(folder, "wordnet.jsonl");
  const out = openSync(wordnet, "w");
  const read = [join(root, "scripts", "wordnet-jsonl.mjs")];
  await must(process.execPath, read, { stdio: ["ignore", out, "inherit"] });
  closeSync(out);
  return wordnet;
}

async function query(args) {
  const options = args.filter((arg) => arg.startsWith("--"));
  const wanted = args.filter((arg) => !arg.startsWith("--"));
  const folder = join(scratch, "bench");
  const tell = machine();
  const figures = [];
  const lines = await wordnetLines();
  if (!options.includes("--page")) {
    const cwd = join(root, "bench");
    const env = { ...buildEnvironment(), CARGO_TARGET_DIR: target };
    await must("cargo", ["build", "--release", "-p", "pluresdb-bench-query"], { cwd, env });
    const files = ["--wordnet", lines, "--model", model, "--folder", folder];
    const quick = options.filter((option) => option === "--quick");
    const native = capture(program("pluresdb-bench-query"), [...wanted, ...quick, ...files], {
      stdio: ["ignore", "pipe", "inherit"],
      maxBuffer: 1 << 30,
    });
    if (native.code !== 0) throw new Stop("The native part of the benchmark failed.");
    figures.push(...native.stdout.trim().split("\n").filter(Boolean).map((line) => JSON.parse(line)));
  }
  if (!options.includes("--native")) {
    figures.push(...(await inPage(wanted, options)));
  }
  const told = [tell(), figures];
  const { report, screen } = await import("../bench/query/report.mjs");
  if (options.includes("--report")) {
    const { versions } = await import("../bench/lib/versions.mjs");
    const written = report(...told, await versions("query/page"));
    writeFileSync(join(root, "docs", "benchmarks", "query.md"), written);
  }
  console.log(options.includes("--json") ? JSON.stringify({ machine: told[0], figures }) : screen(...told));
}

async function browser(args) {
  const options = args.filter((arg) => arg.startsWith("--"));
  const wanted = args.filter((arg) => !arg.startsWith("--"));
  const { measure, names } = await import("../bench/browser/sections.mjs");
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new Stop(`The sections are ${names.join(", ")}, not ${unknown.join(", ")}.`);
  const tell = machine();
  await build(["wasm"]);
  await peersOf("bench/browser");
  const folder = join(scratch, "bench");
  mkdirSync(folder, { recursive: true });
  const size = options.includes("--quick") ? (_, quick) => quick : (full) => full;
  const found = await measure(wanted.length > 0 ? wanted : names, { size, scratch: folder });
  const { versions } = await import("../bench/lib/versions.mjs");
  const { report, screen } = await import("../bench/browser/report.mjs");
  const told = [tell(), await versions("browser"), found];
  if (options.includes("--report")) writeFileSync(join(root, "docs", "benchmarks", "browser.md"), report(...told));
  console.log(options.includes("--json") ? JSON.stringify({ machine: told[0], versions: told[1], found }) : screen(...told));
}

/** The figures of sections in a page. */
async function inPage(wanted, options) {
  await build(["wasm"]);
  await peersOf("bench/query/page");
  const { measure, names } = await import("../bench/query/page/sections.mjs");
  const size = options.includes("--quick") ? (_, quick) => quick : (full) => full;
  return measure(wanted.length > 0 ? wanted : names, { size });
}

/** Installs what a benchmark compares with, unless it is there. */
async function peersOf(folder) {
  const print = fingerprint([`${folder}/package-lock.json`]);
  const name = folder.replaceAll("/", "-");
  if (isFresh(name, print, [`${folder}/node_modules`])) return;
  await npm(["ci", "--no-audit", "--no-fund"], { cwd: join(root, folder) });
  markFresh(name, print);
}

const pageFigures = [
  ["importing", "import of WordNet until durable", 15_000],
  ["gap", "longest time without a frame meanwhile", undefined],
  ["syncing", "first sync from a relay", 20_000],
  ["reopening", "reopening, to the first answer", 1_000],
];

async function page(args) {
  const at = args.indexOf("--rounds");
  const rounds = at < 0 ? 3 : Number(args[at + 1]);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Stop("--rounds takes a whole number from 1.");
  await build(["wasm", "cli", "demo"]);
  const folder = join(scratch, "bench");
  mkdirSync(folder, { recursive: true });
  const load = () => loadavg()[0].toFixed(1);
  const before = load();
  // Needs the packages that the build has just installed.
  const { figures } = await import("../bench/page/figures.mjs");
  const found = await figures(folder, rounds);
  const seconds = (ms) => (ms === undefined ? "" : `${(ms / 1000).toFixed(2)} s`);
  const rows = pageFigures.map(([name, title, goal]) => {
    const sorted = found[name].toSorted((a, b) => a - b);
    return [title, seconds(sorted[sorted.length >> 1]), seconds(sorted[0]), seconds(sorted.at(-1)), seconds(goal)];
  });
  console.log(table([["figure", "median", "least", "most", "goal"], ...rows], [1, 2, 3, 4]));
  console.log(`rounds: ${rounds}; load of the machine before and after: ${before}, ${load()}`);
}

const withReport = (arg) =>
  arg === "--report" ? [arg, join(root, "docs", "benchmarks", "core.md")] : [arg];

await main(async () => {
  const [name, ...args] = process.argv.slice(2);
  if (!(name in benches)) {
    throw new Stop(
      `Which benchmark? \`npm run bench -- NAME\`, NAME one of: ${Object.keys(benches).join(", ")}.`,
    );
  }
  await benches[name](args);
});
