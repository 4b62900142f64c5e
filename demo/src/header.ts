/** The header: which database is open, how much is in it, whether it is saved and in sync. */
import type { Database, DatabaseStatus, SyncStatus } from "pluresdb";
import { byId, setText } from "./page/dom.ts";
import { showError } from "./page/errors.ts";
import { count } from "./page/numbers.ts";
import { secondWindow } from "./page/parameters.ts";

/** Colours of a state: `data-state` in the style sheet. */
type Shade = "good" | "busy" | "bad" | "off";

export function showDatabase(name: string): void {
  setText(byId("database-name", HTMLElement), name);
  document.title = `${name} – PluresDB`;
  byId("new-window", HTMLAnchorElement).href = secondWindow(pageWithoutHash(), name);
}

/** What the open database says of itself. */
export class Header {
  readonly #db: Database;
  /** The failure the banner was told of; the same one is not told again. */
  #storageError: string | null = null;

  constructor(db: Database) {
    this.#db = db;
  }

  async refresh(): Promise<void> {
    const status = await this.#db.status();
    showCount("count-nodes", status.nodes);
    showCount("count-edges", status.edges);
    showStorage(status);
    const { storageError } = status;
    if (storageError !== null && storageError !== this.#storageError) {
      showError("The browser's storage failed", storageError);
    }
    this.#storageError = storageError;
  }

  /** Starts the sync and shows where it stands; without a relay it says so. */
  startSync(relay: string | null): void {
    if (relay === null) {
      showState("sync-state", "off", "off", "Sync off");
      return;
    }
    try {
      this.#db.sync(relay).onStatus(showSync);
    } catch (error) {
      showState("sync-state", "stopped", "bad", "Sync not started");
      showError("Sync could not start", error);
    }
  }
}

export function showNotOpen(): void {
  showState("storage-state", "error", "bad", "Not open");
}

function showCount(id: string, value: number): void {
  const target = byId(id, HTMLElement);
  target.dataset.value = String(value);
  setText(target, count(value));
}

function showStorage(status: DatabaseStatus): void {
  if (status.storageError !== null) {
    showState("storage-state", "error", "bad", status.unsaved > 0 ? "Not saved" : "Storage failed");
  } else if (status.unsaved > 0) {
    showState("storage-state", "unsaved", "busy", `${count(status.unsaved)} unsaved`);
  } else {
    showState("storage-state", "saved", "good", "Saved");
  }
}

function showSync(status: SyncStatus): void {
  const { state } = status;
  const because = status.error === null ? "" : `: ${status.error}`;
  const sending = status.ahead > 0 ? `, ${count(status.ahead)} to send` : "";
  if (state === "connecting") showState("sync-state", state, "busy", "Connecting");
  else if (state === "catching-up") {
    const behind = status.behind > 0 ? `, ${count(status.behind)} behind` : "";
    showState("sync-state", state, "busy", `Catching up${behind}${sending}`);
  } else if (state === "live") showState("sync-state", state, "good", `Live${sending}`);
  else if (state === "waiting") showState("sync-state", state, "off", `Offline${because}`);
  else showState("sync-state", state, status.error === null ? "off" : "bad", `Sync stopped${because}`);
}

function showState(id: string, state: string, shade: Shade, text: string): void {
  const target = byId(id, HTMLElement);
  target.dataset.state = state;
  target.dataset.shade = shade;
  target.title = text;
  setText(target, text);
}

function pageWithoutHash(): URL {
  const address = new URL(location.href);
  address.hash = "";
  return address;
}
