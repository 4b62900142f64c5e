// Where things are: the repository, its build stamps, and the per-user folder of built tools.

import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's folder. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Files that may be deleted at any time: stamps, the relay's store of `npm start`. */
export const scratch = join(root, ".cache");

/** Where cargo builds. */
export const target = resolve(root, process.env.CARGO_TARGET_DIR || "target");

/** Command line tools built once for each version and shared by every checkout of this user. */
export const toolCache = join(
  process.env.XDG_CACHE_HOME || join(homedir(), ".cache"),
  "pluresdb",
  "tools",
);

/** The folder that holds one version of one tool. */
export const toolHome = (name, version) => join(toolCache, `${name}-${version}`);
