/** The demo page: opens the database, joins the parts, and passes changes on to them. */
import { type Database, open } from "pluresdb";
import { Header, showDatabase, showNotOpen } from "./header.ts";
import { ImportStrip } from "./import.ts";
import { NodePane } from "./node/pane.ts";
import { coalesce } from "./page/coalesce.ts";
import { showError, showUncaught } from "./page/errors.ts";
import { readParameters } from "./page/parameters.ts";
import { SearchBox } from "./search.ts";
import { SqlBox } from "./sql.ts";

declare global {
  interface Window {
    /** The open database, for the curious and for tests. */
    pluresdb?: Database;
  }
}

/** Whether the last commit is stored shows without a change, so the header looks now and then. */
const STATUS_EVERY_MS = 1000;

async function start(): Promise<void> {
  const { name, space, relay } = readParameters(new URL(location.href));
  showDatabase(name);
  const wasm = new URL("pluresdb_wasm_bg.wasm", import.meta.url);
  const db = await open(`idb://${name}`, { space, wasm });
  window.pluresdb = db;
  const header = new Header(db);
  join(db, header);
  header.startSync(relay);
}

function join(db: Database, header: Header): void {
  const parts = [new NodePane(db), new SearchBox(db), new SqlBox(db), new ImportStrip(db)];
  const failed = (error: unknown): void => { showError("The page could not be refreshed", error); };
  const refreshParts = coalesce(async () => {
    for (const part of parts) await part.refresh();
  }, failed);
  const refreshHeader = coalesce(() => header.refresh(), failed);

  db.onChange(() => {
    refreshParts();
    refreshHeader();
  });
  setInterval(refreshHeader, STATUS_EVERY_MS);
  refreshParts();
  refreshHeader();
}

showUncaught();
start().catch((error: unknown) => {
  showNotOpen();
  showError("The database could not be opened", error);
});
