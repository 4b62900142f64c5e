/** Firefox and WebKit, driven by the protocol that both speak, WebDriver. */

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Builder, Capabilities } from "selenium-webdriver";
import { DriverService } from "selenium-webdriver/remote/index.js";
import { findFirefox, findWebKit } from "../../../scripts/lib/browser.mjs";
import { Session } from "./webdriver-page.mjs";

/** Milliseconds that a script of a page may take. */
const patience = 120_000;

/** What each browser needs and is not here, in words; undefined where it can be started. */
export const missing = {
  firefox: () => absent("Firefox", { "firefox-esr": findFirefox().firefox, geckodriver: findFirefox().geckodriver }),
  webkit: () => absent("WebKit", { WebKitWebDriver: findWebKit().webkitDriver, Xvfb: findWebKit().xvfb }),
};

function absent(browser, needed) {
  const names = Object.keys(needed).filter((name) => needed[name] === undefined);
  return names.length === 0 ? undefined : `${browser} is not tested: no ${names.join(", no ")}; npm run setup -- test`;
}

/**
 * Starts Firefox without a screen; `profile` is a folder that the caller keeps, a fresh one is removed at `close`.
 * With `privately` all its windows are private ones. `kill` ends its process as a crash would.
 */
export async function launchFirefox({ profile, privately = false } = {}) {
  const { firefox, geckodriver } = findFirefox();
  const folder = profile ?? (await mkdtemp(join(tmpdir(), "pluresdb-firefox-")));
  const capabilities = new Capabilities({
    browserName: "firefox",
    "moz:firefoxOptions": {
      binary: firefox,
      args: ["-headless", "-profile", folder],
      prefs: { "browser.privatebrowsing.autostart": privately },
    },
  });
  const service = new DriverService.Builder(geckodriver).setLoopback(true).addArguments("--log", "fatal").build();
  const { context, driver, end } = await session(service, capabilities);
  const id = (await driver.getCapabilities()).get("moz:processID");
  const close = async () => {
    await end();
    if (profile === undefined) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const kill = async () => {
    process.kill(id, "SIGKILL");
    await service.kill();
  };
  return { context, close, kill };
}

/** Starts WebKit in a display that nobody sees. What it stores ends with it. */
export async function launchWebKit() {
  const { webkitDriver, xvfb } = findWebKit();
  const display = await startDisplay(xvfb);
  const service = new DriverService.Builder(webkitDriver)
    .setLoopback(true)
    .setEnvironment({ ...process.env, DISPLAY: display.name, GDK_BACKEND: "x11" })
    .build();
  const { context, end } = await session(service, new Capabilities({ browserName: "MiniBrowser" }));
  const close = async () => {
    await end();
    display.stop();
  };
  return { context, close };
}

async function session(service, capabilities) {
  const url = await service.start();
  const driver = await new Builder().usingServer(url).withCapabilities(capabilities).build();
  await driver.manage().setTimeouts({ script: patience });
  const end = async () => {
    await driver.quit().catch(() => undefined);
    await service.kill();
  };
  return { context: new Session(driver), driver, end };
}

async function startDisplay(xvfb) {
  const server = spawn(xvfb, ["-displayfd", "1", "-screen", "0", "1280x860x24", "-nolisten", "tcp"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const number = await new Promise((resolve, reject) => {
    server.stdout.setEncoding("utf8").once("data", (text) => resolve(text.trim()));
    server.once("error", reject);
    server.once("close", (code) => reject(new Error(`${xvfb} ended with ${code}`)));
  });
  return { name: `:${number}`, stop: () => server.kill() };
}
