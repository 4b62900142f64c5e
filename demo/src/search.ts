/**
 * The search box: searches as you type and offers what it found as a list box.
 * Arrows move in the list, Enter opens, Escape clears; the focus stays in the box all the while.
 */
import type { Database, Hit, Hits } from "pluresdb";
import { byId, element, setText } from "./page/dom.ts";
import { describe } from "./page/errors.ts";
import { milliseconds, plural } from "./page/numbers.ts";
import { go, hashOf } from "./page/route.ts";
import { kindOf, summaryOf, titleOf } from "./node/title.ts";

const WAIT_AFTER_KEY_MS = 90;
const SHOWN_AT_MOST = 30;

export class SearchBox {
  readonly #db: Database;
  readonly #input = byId("search-input", HTMLInputElement);
  readonly #list = byId("search-results", HTMLUListElement);
  readonly #status = byId("search-status", HTMLParagraphElement);
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Number of the newest search: answers to older ones come too late. */
  #newest = 0;
  #hits: Hit[] = [];
  #active: string | null = null;

  constructor(db: Database) {
    this.#db = db;
    this.#input.disabled = false;
    this.#input.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#active = null;
      this.#timer = setTimeout(() => void this.refresh(), WAIT_AFTER_KEY_MS);
    });
    this.#input.addEventListener("keydown", (event) => { this.#onKey(event); });
  }

  /** Searches for what stands in the box, now. */
  async refresh(): Promise<void> {
    const number = ++this.#newest;
    const text = this.#input.value.trim();
    if (text === "") {
      this.#show([], "");
      return;
    }
    const start = performance.now();
    try {
      const hits = await this.#db.search(text, { limit: SHOWN_AT_MOST });
      if (number === this.#newest) this.#show(hits, said(hits, text, performance.now() - start));
    } catch (error) {
      if (number === this.#newest) this.#show([], describe(error), true);
    }
  }

  #show(hits: Hit[], status: string, failed = false): void {
    setText(this.#status, status);
    this.#status.classList.toggle("error", failed);
    this.#hits = hits;
    this.#input.setAttribute("aria-expanded", String(hits.length > 0));
    this.#list.replaceChildren(...hits.map((hit, index) => this.#option(hit, index)));
    this.#markActive();
  }

  #option({ node }: Hit, index: number): HTMLLIElement {
    const option = element(
      "li",
      { id: `search-result-${index}`, role: "option", "data-testid": "search-result", "data-id": node.id },
      element("span", { class: "lemma" }, titleOf(node)),
      " ",
      element("span", { class: "kind" }, kindOf(node)),
      element("span", { class: "gloss" }, summaryOf(node)),
    );
    option.addEventListener("click", () => { this.#open(node.id); });
    return option;
  }

  #onKey(event: KeyboardEvent): void {
    if (event.isComposing) return;
    if (event.key === "ArrowDown") this.#move(1);
    else if (event.key === "ArrowUp") this.#move(-1);
    else if (event.key === "Enter") void this.#enter();
    else if (event.key === "Escape") this.#clear();
    else return;
    event.preventDefault();
  }

  #move(by: 1 | -1): void {
    const count = this.#hits.length;
    if (count === 0) return;
    const at = this.#hits.findIndex((hit) => hit.node.id === this.#active);
    const next = at < 0 ? (by > 0 ? 0 : count - 1) : (at + by + count) % count;
    this.#active = this.#hits[next]?.node.id ?? null;
    this.#markActive();
  }

  /** Opens the marked node, else the best one; what was just typed is searched first. */
  async #enter(): Promise<void> {
    if (this.#active === null) {
      clearTimeout(this.#timer);
      await this.refresh();
    }
    const id = this.#active ?? this.#hits[0]?.node.id;
    if (id !== undefined) this.#open(id);
  }

  #open(id: string): void {
    this.#active = id;
    this.#markActive();
    go(hashOf(id));
  }

  #clear(): void {
    clearTimeout(this.#timer);
    this.#input.value = "";
    this.#active = null;
    void this.refresh();
  }

  #markActive(): void {
    this.#input.removeAttribute("aria-activedescendant");
    for (const option of this.#list.querySelectorAll("li")) {
      const active = option.dataset.id === this.#active;
      option.setAttribute("aria-selected", String(active));
      if (!active) continue;
      this.#input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    }
  }
}

function said(hits: Hits, text: string, took: number): string {
  const found = hits.length;
  if (found === 0) return `Nothing found for “${text}”`;
  const what = found < SHOWN_AT_MOST ? plural(found, "node") : `the best ${found}`;
  const instead = hits.corrected?.map(({ typed, taken }) => `, with “${taken}” for “${typed}”`).join("") ?? "";
  return `${what} in ${milliseconds(took)}${instead}`;
}
