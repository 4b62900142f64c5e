// The npm packages of package-lock.json. Whether they are there is read from the two lock files, the
// repository's and the one npm keeps inside node_modules, which takes milliseconds.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { npm } from "../lib/npm.mjs";
import { root } from "../lib/paths.mjs";
import { heading, note } from "../lib/say.mjs";

const wanted = join(root, "package-lock.json");
const installed = join(root, "node_modules", ".package-lock.json");
const kinds = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];

export async function ensureNpmPackages() {
  const reason = stale();
  if (!reason) return;
  heading("npm packages");
  note(`${reason}; half a gigabyte, most of it the VS Code that the tests drive`);
  // On a fresh checkout exactly what the lock file says. Later npm changes only what differs.
  const verb = existsSync(installed) || !existsSync(wanted) ? "install" : "ci";
  await npm([verb, "--no-progress"], {
    stdio: ["ignore", "inherit", "inherit"],
    explanation:
      verb === "ci"
        ? "If package-lock.json is behind a package.json, run `npm install` and commit it."
        : undefined,
  });
}

/** Why npm has to run, or undefined. */
function stale() {
  if (!existsSync(installed)) return "nothing is installed yet";
  if (!existsSync(wanted)) return "there is no package-lock.json";
  const lock = packages(wanted);
  const ahead = Object.keys(lock).filter(
    (path) => !path.includes("node_modules/") && asksForOther(path, lock[path]),
  );
  if (ahead.length > 0)
    return `${ahead.map((path) => join(path, "package.json")).join(", ")} changed`;
  const have = packages(installed);
  const missing = Object.entries(lock).filter(
    ([path, entry]) => needed(path, entry) && !same(entry, have[path]),
  );
  return missing.length > 0 ? `${missing.length} packages are missing or outdated` : undefined;
}

const packages = (file) => JSON.parse(readFileSync(file, "utf8")).packages;

/** Optional packages are for other machines as often as for this one. */
const needed = (path, entry) => path.includes("node_modules/") && !entry.optional && !entry.link;

const same = (entry, other) => other !== undefined && entry.version === other.version;

/** Whether a workspace's package.json asks for other packages than the lock file was made from. */
function asksForOther(path, entry) {
  const file = join(root, path, "package.json");
  if (!existsSync(file)) return false;
  const manifest = JSON.parse(readFileSync(file, "utf8"));
  return kinds.some((kind) => sorted(manifest[kind]) !== sorted(entry[kind]));
}

const sorted = (versions = {}) => JSON.stringify(Object.entries(versions).sort());
