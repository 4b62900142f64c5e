/**
 * Everything about the sources that can be checked without running them: formatting, lints, types,
 * licences of the dependencies. Goes on after a failing step and ends with a table.
 *
 *   npm run check                  everything
 *   npm run check -- fmt clippy    some steps: fmt, clippy, clippy-wasm, no_std, eslint, types, deny
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "./build.mjs";
import { buildEnvironment, wasmEnvironment } from "./lib/environment.mjs";
import { root } from "./lib/paths.mjs";
import { capture, run } from "./lib/run.mjs";
import { note } from "./lib/say.mjs";
import { runSteps } from "./lib/steps.mjs";
import { main } from "./lib/stop.mjs";
import { setup } from "./setup.mjs";

const advisoriesTimeout = 30_000;

const steps = {
  fmt: {
    title: "Rust is formatted",
    run: () => passes("cargo fmt --all --check"),
  },
  clippy: {
    title: "Rust has no warnings",
    run: () =>
      passes("cargo clippy --workspace --exclude pluresdb-wasm --all-targets -- -D warnings"),
  },
  "clippy-wasm": {
    title: "the WebAssembly crate has no warnings on its own target",
    run: () =>
      passes(
        "cargo clippy -p pluresdb-wasm -p pluresdb-embed-wasm --all-targets --target wasm32-unknown-unknown -- -D warnings",
        wasmEnvironment(),
      ),
  },
  no_std: {
    title: "the core compiles without an operating system",
    run: () =>
      passes(
        "cargo clippy -p pluresdb --no-default-features --target thumbv7em-none-eabihf -- -D warnings",
      ),
  },
  eslint: {
    title: "TypeScript and JavaScript have no warnings",
    run: async () => {
      await declarations();
      return passes("eslint --max-warnings 0 .");
    },
  },
  types: {
    title: "TypeScript's types hold in every workspace",
    run: async () => {
      await declarations();
      let ok = true;
      for (const folder of typed()) {
        note(folder);
        ok = (await passes(`tsc --noEmit -p ${folder}`)).ok && ok;
      }
      return { ok };
    },
  },
  deny: {
    title: "licences, sources and advisories of the Rust dependencies",
    run: async () => {
      const { ok } = await passes("cargo deny check licenses bans sources");
      const advisories = await checkAdvisories();
      return { ok: ok && advisories.ok, note: advisories.note };
    },
  },
};

async function passes(line, env = buildEnvironment()) {
  const [command, ...args] = line.split(" ");
  return { ok: (await run(command, args, { env })) === 0 };
}

/** The other workspaces see the npm package through the declarations its build writes. */
const declarations = () => build(["wasm"]);

const typed = () =>
  JSON.parse(readFileSync(join(root, "package.json"), "utf8")).workspaces.filter((folder) =>
    existsSync(join(root, folder, "tsconfig.json")),
  );

/** The advisory database is a download of its own: without a way to it, this says so and passes. */
async function checkAdvisories() {
  const fetched = capture("cargo", ["deny", "fetch", "db"], {
    env: buildEnvironment(),
    timeout: advisoriesTimeout,
  });
  if (fetched.code !== 0) {
    const skipped = "advisories skipped: the advisory database cannot be reached";
    note(skipped);
    return { ok: true, note: skipped };
  }
  return passes("cargo deny check --disable-fetch advisories");
}

await main(async () => {
  await setup(["build", "check"]);
  const { failed } = await runSteps(steps, process.argv.slice(2));
  return failed === 0 ? 0 : 1;
});
