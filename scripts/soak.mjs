/**
 * Abuses the package in a browser for as long as you like, and looks for what was acknowledged and is not there.
 * Ctrl-C ends it after the round under way, with what was found until then.
 *
 *   npm run soak                                100 kills of Chromium in the middle of writes
 *   npm run soak -- --kills 20 --browser firefox
 *   npm run soak -- --tabs 8 --seconds 60       tabs that write, end and come back at random, and are equal in the end
 *   npm run soak -- --writes 1000000            writes of the same nodes, with the memory that they leave behind
 *   npm run soak -- --opens 1000                the same for opening and closing
 *   npm run soak -- --seed 7                    another course of events, of kills and tabs
 *   npm run soak -- --json                      the outcome as JSON, without the progress
 */

import { parseArgs } from "node:util";
import { build } from "./build.mjs";
import { note } from "./lib/say.mjs";
import { main, Stop } from "./lib/stop.mjs";
import { setup } from "./setup.mjs";

const options = {
  kills: { type: "string" },
  tabs: { type: "string" },
  writes: { type: "string" },
  opens: { type: "string" },
  seconds: { type: "string", default: "60" },
  browser: { type: "string", default: "chromium" },
  seed: { type: "string", default: "1" },
  json: { type: "boolean", default: false },
};

/** `{ ended, told }`: whether Ctrl-C was pressed, and where progress is told. */
function watched(json) {
  let ended = false;
  process.once("SIGINT", () => {
    ended = true;
    if (!json) note("ending; Ctrl-C again ends at once");
  });
  return { stopped: () => ended, told: json ? () => undefined : note };
}

function number(values, name) {
  const value = Number(values[name]);
  if (!Number.isInteger(value) || value < 1) throw new Stop(`--${name} takes a whole number from 1, not ${values[name]}.`);
  return value;
}

async function launchOf(browser) {
  const { launch } = await import("../tests/js/lib/chromium.mjs");
  const { launchFirefox } = await import("../tests/js/lib/webdriver.mjs");
  const launches = { chromium: launch, firefox: launchFirefox };
  const chosen = launches[browser];
  if (chosen === undefined) throw new Stop(`--browser takes ${Object.keys(launches).join(" or ")}, not ${browser}.`);
  return chosen;
}

/** The outcome of the chosen soak, and what of it breaks a promise. */
async function soak(values, { told, stopped }) {
  const seed = number(values, "seed");
  if (values.tabs !== undefined) {
    const { tabsWhileEnding } = await import("../tests/soak/tabs.mjs");
    return tabsWhileEnding({ tabs: number(values, "tabs"), seconds: number(values, "seconds"), seed, told, stopped });
  }
  if (values.writes !== undefined || values.opens !== undefined) {
    const { openAndClose, writeMany } = await import("../tests/soak/memory.mjs");
    if (values.writes !== undefined) return writeMany({ writes: number(values, "writes"), told, stopped });
    return openAndClose({ opens: number(values, "opens"), told, stopped });
  }
  const { killWhileWriting } = await import("../tests/soak/kills.mjs");
  const kills = values.kills === undefined ? 100 : number(values, "kills");
  return killWhileWriting({ launch: await launchOf(values.browser), kills, seed, told, stopped });
}

await main(async () => {
  const { values } = parseArgs({ options });
  await setup(["build", "test"]);
  await build(["wasm"]);
  const outcome = await soak(values, watched(values.json));
  if (values.json) console.log(JSON.stringify(outcome));
  else for (const [name, value] of Object.entries(outcome)) note(`${name}: ${JSON.stringify(value)}`);
  return outcome.broken.length === 0 ? 0 : 1;
});
