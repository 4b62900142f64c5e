/** Work in pages: the npm package as a site serves it, and Chromium with a fresh profile for each piece of work. */

import { launch } from "../../tests/js/lib/chromium.mjs";
import { site as serve, tab } from "../../tests/js/lib/package-page.mjs";

/** Serves the package and `content` while `work(url)` runs. */
export async function onSite(content, work) {
  const { url, close } = await serve(content);
  try {
    return await work(url);
  } finally {
    await close();
  }
}

/** Runs a function, or the text of an expression, in a fresh page of a fresh Chromium. */
export async function runFresh(url, work, argument) {
  const { context, close } = await launch();
  try {
    const page = await tab(context, url);
    page.setDefaultTimeout(0);
    return await page.evaluate(work, argument);
  } finally {
    await close();
  }
}
