/** A tab that is driven by WebDriver, with the calls of Playwright's pages that the tests use. */

/** Calls `work` in the page and tells what came of it; a promise that fails is an answer here, not a failed command. */
const calling = (work) => `
  const [argument, done] = arguments;
  Promise.resolve().then(() => (${work})(argument)).then(
    (value) => done({ value }),
    (error) => done({ failed: String(error) + "\\n" + (error?.stack ?? "") }),
  );`;

export class WebDriverPage {
  #session;
  #handle;

  constructor(session, handle) {
    this.#session = session;
    this.#handle = handle;
  }

  /** Runs a function in the page with one plain value, and gives what it resolves to. */
  async evaluate(work, argument) {
    const { value, failed } = await this.#do((driver) => driver.executeAsyncScript(calling(work), argument));
    if (failed !== undefined) throw new Error(failed);
    return value;
  }

  goto(url) {
    return this.#do((driver) => driver.get(url));
  }

  reload() {
    return this.#do((driver) => driver.navigate().refresh());
  }

  goBack() {
    return this.#do((driver) => driver.navigate().back());
  }

  close() {
    return this.#do((driver) => driver.close());
  }

  /** Waits until a function in the page gives something true. */
  async waitForFunction(work) {
    const end = Date.now() + 15_000;
    while (!(await this.evaluate(work))) {
      if (Date.now() > end) throw new Error(`never true: ${work}`);
      await this.waitForTimeout(20);
    }
  }

  waitForTimeout(milliseconds) {
    return new Promise((resolve) => setTimeout(resolve, milliseconds));
  }

  #do(work) {
    return this.#session.inWindow(this.#handle, work);
  }
}

/** A session of WebDriver, which has one window that commands go to: they take turns. */
export class Session {
  #driver;
  #last = Promise.resolve();

  constructor(driver) {
    this.#driver = driver;
  }

  /** Runs commands in one window, with no others between them. */
  inWindow(handle, work) {
    return this.#turn(async (driver) => {
      await driver.switchTo().window(handle);
      return work(driver);
    });
  }

  /** Opens a tab. */
  newPage() {
    return this.#turn(async (driver) => {
      await driver.switchTo().window((await driver.getAllWindowHandles())[0]);
      await driver.switchTo().newWindow("tab");
      return new WebDriverPage(this, await driver.getWindowHandle());
    });
  }

  #turn(work) {
    const turn = this.#last.then(() => work(this.#driver));
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
