// Whether something built is up to date: a stamp holds the hash of the sources it was built from.
// Contents are compared, not times, so a switch of branches and back builds nothing.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { root, scratch } from "./paths.mjs";

const outputs = new Set(["node_modules", "dist", "pkg", "target", ".cache"]);

/** One hash over the names and contents of all files in these folders and of these files. */
export function fingerprint(paths) {
  const hash = createHash("sha256");
  for (const file of paths.flatMap((path) => sourcesIn(join(root, path))).sort()) {
    hash
      .update(`${relative(root, file)}\0`)
      .update(readFileSync(file))
      .update("\0");
  }
  return hash.digest("hex");
}

/** Whether `name` was built from sources with this fingerprint and all its outputs are still there. */
export function isFresh(name, print, products) {
  const stamp = stampOf(name);
  return (
    existsSync(stamp) &&
    readFileSync(stamp, "utf8") === print &&
    products.every((product) => existsSync(join(root, product)))
  );
}

export function markFresh(name, print) {
  mkdirSync(dirname(stampOf(name)), { recursive: true });
  writeFileSync(stampOf(name), print);
}

const stampOf = (name) => join(scratch, "build", name);

function sourcesIn(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => !outputs.has(entry.name))
    .flatMap((entry) => sourcesIn(join(path, entry.name)));
}
