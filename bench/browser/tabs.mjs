/** Tabs of a page in one Chromium. What fails or takes longer than a limit ends the browser; the next tab starts it anew. */

import { launch } from "../../tests/js/lib/chromium.mjs";

export class Tabs {
  #url;
  #limit;
  #profile;
  #browser;

  /** `profile` is a folder that the caller keeps; without it each start has a fresh one. `limit` is in milliseconds. */
  constructor(url, { limit, profile }) {
    this.#url = url;
    this.#limit = limit;
    this.#profile = profile;
  }

  /** A new tab, once its scripts have run. */
  async open() {
    this.#browser ??= await launch({ profile: this.#profile });
    const page = await this.#browser.context.newPage();
    page.setDefaultTimeout(this.#limit);
    await page.goto(this.#url);
    await page.waitForFunction(() => globalThis.bench !== undefined);
    return page;
  }

  /** What `bench[method](...values)` gives in a new tab, which it closes. */
  async call(method, ...values) {
    const page = await this.open();
    const answer = await page.evaluate(([method, values]) => globalThis.bench[method](...values), [method, values]);
    await page.close();
    return answer;
  }

  /** What the work gives within the limit, or within one of its own; else throws why not, in a line. */
  async within(work, limit = this.#limit) {
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => { reject(new Error(`> ${limit / 1_000} s`)); }, limit);
    });
    const working = work();
    try {
      return await Promise.race([working, late]);
    } catch (error) {
      // What it was at fails as its browser ends.
      working.catch(() => undefined);
      await this.close();
      throw new Error(error.message.split("\n")[0].replace("page.evaluate: ", ""), { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  async close() {
    const browser = this.#browser;
    this.#browser = undefined;
    await browser?.close();
  }
}
