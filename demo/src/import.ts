/** The strip that imports WordNet: what is here already, a bar while it runs, a way to stop, how long it took. */
import type { Database, Progress } from "pluresdb";
import { byId, setText } from "./page/dom.ts";
import { showError, wasAborted } from "./page/errors.ts";
import { count, seconds } from "./page/numbers.ts";
import { downloadWordnet } from "./wordnet/download.ts";
import { TOTALS } from "./wordnet/parse.js";

const REDRAW_MS = 250;

interface Run {
  started: number;
  progress: Pick<Progress, "nodes" | "edges">;
  stop: AbortController;
}

export class ImportStrip {
  readonly #db: Database;
  readonly #button = byId("import-button", HTMLButtonElement);
  readonly #cancel = byId("import-cancel", HTMLButtonElement);
  readonly #running = byId("import-running", HTMLDivElement);
  readonly #bar = byId("import-progress", HTMLProgressElement);
  readonly #numbers = byId("import-numbers", HTMLSpanElement);
  readonly #status = byId("import-status", HTMLParagraphElement);
  #run: Run | null = null;
  /** What the last run came to; stays on show until the next. */
  #outcome: string | null = null;

  constructor(db: Database) {
    this.#db = db;
    this.#button.addEventListener("click", () => void this.#import());
    this.#cancel.addEventListener("click", () => this.#run?.stop.abort());
  }

  /** Says how much of WordNet is here. */
  async refresh(): Promise<void> {
    if (this.#run === null) this.#showHere(await this.#synsets());
  }

  #showHere(synsets: number): void {
    // An import may have begun while the nodes were counted.
    if (this.#run !== null) return;
    const whole = synsets >= TOTALS.nodes;
    this.#button.disabled = whole;
    setText(this.#button, whole ? "WordNet imported" : "Import WordNet");
    setText(this.#status, this.#outcome ?? whatIsHere(synsets));
  }

  async #synsets(): Promise<number> {
    const [row] = await this.#db.query<{ n: number | bigint }>(
      "SELECT count(*) AS n FROM nodes WHERE type = 'Synset'",
    );
    return Number(row?.n ?? 0);
  }

  async #import(): Promise<void> {
    const stop = new AbortController();
    const run: Run = { started: performance.now(), progress: { nodes: 0, edges: 0 }, stop };
    this.#run = run;
    this.#showRunning(true);
    setText(this.#status, "Importing WordNet. The page stays usable meanwhile.");
    this.#draw(run);
    const redraw = setInterval(() => { this.#draw(run); }, REDRAW_MS);
    try {
      const result = await this.#db.importJsonl(downloadWordnet(stop.signal), {
        onProgress: (progress) => (run.progress = progress),
        signal: stop.signal,
      });
      stop.signal.throwIfAborted();
      this.#outcome = `Imported ${amounts(result)} in ${seconds(performance.now() - run.started)}.`;
    } catch (error) {
      const stopped = wasAborted(error) || stop.signal.aborted;
      this.#outcome = `${stopped ? "Cancelled" : "Failed"} after ${amounts(run.progress)}. What was imported stays.`;
      if (!stopped) showError("WordNet could not be imported", error);
    } finally {
      clearInterval(redraw);
      stop.abort();
      this.#run = null;
      this.#showRunning(false);
    }
    await this.refresh().catch((error: unknown) => { showError("WordNet could not be counted", error); });
  }

  #showRunning(running: boolean): void {
    this.#button.disabled = running;
    this.#button.hidden = running;
    this.#cancel.hidden = !running;
    this.#running.hidden = !running;
    // The button that was pressed is gone: focus goes to its successor.
    (running ? this.#cancel : this.#button).focus({ preventScroll: true });
  }

  #draw({ started, progress }: Run): void {
    const part = (progress.nodes + progress.edges) / (TOTALS.nodes + TOTALS.edges);
    this.#bar.value = Math.min(part, 1);
    const percent = `${Math.min(100, Math.floor(part * 100))} %`;
    const elapsed = seconds(performance.now() - started);
    setText(this.#numbers, `${percent} · ${amounts(progress)} · ${elapsed}`);
  }
}

function amounts({ nodes, edges }: Pick<Progress, "nodes" | "edges">): string {
  return `${count(nodes)} nodes, ${count(edges)} edges`;
}

function whatIsHere(synsets: number): string {
  const whole = `${count(TOTALS.nodes)} nodes and ${count(TOTALS.edges)} edges`;
  if (synsets === 0) return `A dictionary as a graph: ${whole}. Import it to have something to explore.`;
  if (synsets < TOTALS.nodes) return `${count(synsets)} of its ${count(TOTALS.nodes)} nodes are here.`;
  return `WordNet is already in this database: ${whole}.`;
}
