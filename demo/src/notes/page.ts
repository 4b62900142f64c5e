/** A note with a plain and a formatted text, in two editors, which several tabs and devices edit at once. */
import { type Database, open } from "pluresdb";
import { bindText, bindXml } from "pluresdb/yjs";
import { showError, showUncaught } from "../page/errors.ts";
import { readParameters } from "../page/parameters.ts";
import { editPlain } from "./plain.ts";
import { editRich } from "./rich.ts";

const NOTE = "shared-note";

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
}

function showState(state: "saved" | "unsaved" | "error", words: string): void {
  const shown = element("saved");
  shown.dataset.state = state;
  shown.dataset.shade = { saved: "good", unsaved: "busy", error: "bad" }[state];
  shown.textContent = words;
}

async function start(): Promise<void> {
  const { name, space, relay } = readParameters(new URL(location.href));
  const db = await open(`idb://${name}`, { space, wasm: new URL("pluresdb_wasm_bg.wasm", import.meta.url) });
  window.pluresdb = db;
  if (relay !== null) db.sync(relay);
  // Without fields: what two devices wrote plainly and apart would be two texts, one of which stays.
  if ((await db.get(NOTE)) === null) await db.put({ id: NOTE, type: "Note", data: {} });
  await edit(db);
  db.node(NOTE).live((node) => { element("stored").textContent = JSON.stringify(node?.data ?? null, null, 2); });
  element("second-tab").setAttribute("href", location.href);
}

async function edit(db: Database): Promise<void> {
  const onError = (error: unknown): void => {
    showState("error", "Not saved");
    showError("What was typed could not be written; it is tried again with the next change", error);
  };
  const plain = await bindText(db, NOTE, "body", { onError });
  const rich = await bindXml(db, NOTE, "rich", { onError });
  for (const { doc, saved } of [plain, rich]) {
    doc.on("update", () => {
      showState("unsaved", "Saving");
      saved().then(() => { showState("saved", "Saved"); }, () => undefined);
    });
  }
  editPlain(element("plain"), plain.shared);
  editRich(element("rich"), rich.shared);
  showState("saved", "Saved");
}

showUncaught();
start().catch((error: unknown) => {
  showState("error", "Not open");
  showError("The note could not be opened", error);
});
