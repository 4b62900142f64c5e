/** The custom editor of `.pluresdb` files: a page that says what the database holds. */
import * as vscode from "vscode";
import type { Database } from "pluresdb";
import type { Entry } from "../engine/entry.ts";
import { failureOf } from "../engine/failure.ts";
import { readLabels } from "../engine/overview.ts";
import type { Registry } from "../engine/registry.ts";
import { nameOf } from "../engine/source.ts";
import type { QueryPanels } from "../query/panel.ts";
import { selectType } from "../query/statement.ts";
import { webviewFolder, webviewHtml } from "../webview.ts";
import { EDITOR_BODY } from "./body.ts";
import type { FromEditor, ToEditor } from "./messages.ts";

export const VIEW_TYPE = "pluresdb.database";

/** Above this many edges their labels are counted when asked for only: every edge must be read. */
const LABELS_AT_ONCE = 100_000;

export class DatabaseEditors implements vscode.CustomReadonlyEditorProvider, vscode.Disposable {
  readonly #extensionUri: vscode.Uri;
  readonly #registry: Registry;
  readonly #queries: QueryPanels;
  readonly #registration: vscode.Disposable;

  constructor(extensionUri: vscode.Uri, registry: Registry, queries: QueryPanels) {
    this.#extensionUri = extensionUri;
    this.#registry = registry;
    this.#queries = queries;
    this.#registration = vscode.window.registerCustomEditorProvider(VIEW_TYPE, this, {
      supportsMultipleEditorsPerDocument: true,
    });
  }

  dispose(): void {
    this.#registration.dispose();
  }

  /** Never fails: a file that cannot be opened has a page that says why. */
  openCustomDocument(uri: vscode.Uri): vscode.CustomDocument {
    void this.#registry.open(uri);
    return {
      uri,
      // A database stays open in the tree until it is closed there; a file that is none goes with its page.
      dispose: () => {
        const key = uri.toString();
        if (this.#registry.entry(key)?.state.kind === "failed") this.#registry.close(key);
      },
    };
  }

  resolveCustomEditor({ uri }: vscode.CustomDocument, panel: vscode.WebviewPanel): void {
    const { webview } = panel;
    const page = new EditorPage(uri, webview, this.#registry, this.#queries);
    const listeners = vscode.Disposable.from(
      webview.onDidReceiveMessage((message: FromEditor) => page.receive(message)),
      this.#registry.onDidChange(({ key }) => {
        if (key === page.key) page.show();
      }),
    );
    panel.onDidDispose(() => {
      listeners.dispose();
    });
    webview.options = { enableScripts: true, localResourceRoots: [webviewFolder(this.#extensionUri)] };
    webview.html = webviewHtml(webview, this.#extensionUri, { name: "editor", title: "PluresDB", body: EDITOR_BODY });
  }
}

class EditorPage {
  readonly key: string;
  readonly #uri: vscode.Uri;
  readonly #webview: vscode.Webview;
  readonly #registry: Registry;
  readonly #queries: QueryPanels;

  constructor(uri: vscode.Uri, webview: vscode.Webview, registry: Registry, queries: QueryPanels) {
    this.key = uri.toString();
    this.#uri = uri;
    this.#webview = webview;
    this.#registry = registry;
    this.#queries = queries;
  }

  show(): void {
    const entry = this.#registry.entry(this.key);
    this.#send(pageOf(entry, nameOf(this.#uri)));
    if (entry?.state.kind === "open" && entry.state.overview.status.edges <= LABELS_AT_ONCE) void this.#labels();
  }

  async receive(message: FromEditor): Promise<void> {
    switch (message.type) {
      case "ready":
        this.show();
        break;
      case "query":
        this.#queries.show(this.key);
        break;
      case "queryType":
        this.#queries.show(this.key, selectType(message.name));
        break;
      case "queryLabel":
        this.#queries.show(this.key, `SELECT * FROM edges WHERE label = '${message.name.replace(/'/g, "''")}' LIMIT 100`);
        break;
      case "reload":
        await this.#reload();
        break;
      case "labels":
        await this.#labels();
        break;
      case "hash":
        await this.#ask(async (database) => ({ type: "hash", hash: await database.stateHash() }));
        break;
    }
  }

  async #reload(): Promise<void> {
    // A database that was closed in the tree is opened again.
    if (this.#registry.entry(this.key) === undefined) await this.#registry.open(this.#uri);
    else await this.#registry.reload(this.key);
  }

  #labels(): Promise<void> {
    return this.#ask(async (database) => ({ type: "labels", labels: await readLabels(database) }));
  }

  async #ask(question: (database: Database) => Promise<ToEditor>): Promise<void> {
    const state = this.#registry.entry(this.key)?.state;
    if (state?.kind !== "open") return;
    try {
      const answer = await question(state.database);
      // The file may have been read anew meanwhile.
      if (this.#registry.entry(this.key)?.state === state) this.#send(answer);
    } catch (error) {
      if (this.#registry.entry(this.key)?.state === state) this.#send({ type: "trouble", failure: failureOf(error) });
    }
  }

  #send(message: ToEditor): void {
    void this.#webview.postMessage(message);
  }
}

function pageOf(entry: Entry | undefined, name: string): ToEditor {
  if (entry === undefined) {
    return { type: "failed", name, failure: { code: "closed", message: "The database was closed. Reload opens it again." } };
  }
  const { state } = entry;
  if (state.kind === "opening") return { type: "opening", name };
  if (state.kind === "failed") return { type: "failed", name, failure: state.failure };
  const { overview, bytes, fromWal, readAt } = state;
  const { space, nodes, edges, records } = overview.status;
  const facts = { space, nodes, edges, records, bytes, fromWal, types: overview.types, readAt: readAt.getTime() };
  return { type: "open", name, facts };
}
