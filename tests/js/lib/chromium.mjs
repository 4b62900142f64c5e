/** Chromium with a profile of its own, so that IndexedDB outlives the browser process where a test wants it. */

import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { findBrowser } from "../../../scripts/lib/browser.mjs";

/**
 * Starts Chromium; `profile` is a folder that the caller keeps, a fresh one is removed at `close`. With
 * `keepingPages` it keeps pages that are left as they are, for a return. `kill` ends the browser's process as a crash
 * would; its children end with it.
 */
export async function launch({ profile, keepingPages = false } = {}) {
  const { chrome } = findBrowser();
  if (chrome === undefined) throw new Error("no Chromium: install one or set CHROME to its path");
  const folder = profile ?? (await mkdtemp(join(tmpdir(), "pluresdb-chromium-")));
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: chrome,
    viewport: { width: 1280, height: 860 },
    ignoreDefaultArgs: keepingPages ? ["--disable-back-forward-cache"] : [],
    // What runs this decides what an interruption means.
    handleSIGINT: false,
  });
  const errors = [];
  context.on("weberror", (error) => errors.push(error.error()));
  const close = async () => {
    await context.close();
    if (profile === undefined) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const kill = async () => {
    process.kill(processOf(folder), "SIGKILL");
    await context.close().catch(() => undefined);
  };
  return { context, errors, close, kill };
}

/** Starts Chromium with a window whose storage ends with it, as an incognito one. */
export async function launchIncognito() {
  const browser = await chromium.launch({ executablePath: findBrowser().chrome });
  return { context: await browser.newContext(), close: () => browser.close() };
}

/** The browser's process with this profile. */
function processOf(profile) {
  const lines = execFileSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" }).split("\n");
  const own = lines.filter((line) => line.includes(profile) && !line.includes("--type="));
  if (own.length !== 1) throw new Error(`${own.length} browsers have the profile ${profile}`);
  return Number.parseInt(own[0], 10);
}
