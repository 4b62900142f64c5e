/** The tools and libraries of `tests/bundlers`, which only some tests have need of: installed when the first one does. */

import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const folder = fileURLToPath(new URL("../../bundlers", import.meta.url));
export const run = promisify(execFile);

export async function installed() {
  const lock = (path) => (existsSync(path) ? JSON.parse(readFileSync(path, "utf8")).packages : {});
  const have = lock(join(folder, "node_modules/.package-lock.json"));
  const wanted = Object.entries(lock(join(folder, "package-lock.json")));
  const missing = wanted.some(([path, { version, optional }]) => path !== "" && !optional && have[path]?.version !== version);
  if (missing || wanted.length === 0) await run("npm", ["ci", "--no-progress", "--no-audit", "--no-fund"], { cwd: folder });
}
