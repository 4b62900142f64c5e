/** The query panel: one webview that runs statements on the database chosen in it. */
import * as vscode from "vscode";
import type { Registry } from "../engine/registry.ts";
import { webviewFolder, webviewHtml } from "../webview.ts";
import { QUERY_BODY } from "./body.ts";
import { isSaved, type Choice, type FromPanel, type ToPanel } from "./messages.ts";
import { Session, type Outcome } from "./session.ts";
import { FIRST_STATEMENT, tablesOf } from "./statement.ts";

const VIEW_TYPE = "pluresdb.query";

export class QueryPanels implements vscode.Disposable, vscode.WebviewPanelSerializer {
  readonly #extensionUri: vscode.Uri;
  readonly #registry: Registry;
  readonly #log: vscode.LogOutputChannel;
  readonly #serializer: vscode.Disposable;
  #panel: QueryPanel | undefined;

  constructor(extensionUri: vscode.Uri, registry: Registry, log: vscode.LogOutputChannel) {
    this.#extensionUri = extensionUri;
    this.#registry = registry;
    this.#log = log;
    this.#serializer = vscode.window.registerWebviewPanelSerializer(VIEW_TYPE, this);
  }

  dispose(): void {
    this.#serializer.dispose();
    this.#panel?.dispose();
  }

  /** Shows the panel with this database chosen; a statement is run at once. */
  show(key: string | null, sql?: string): void {
    if (this.#panel === undefined) {
      const panel = vscode.window.createWebviewPanel(VIEW_TYPE, "PluresDB Query", vscode.ViewColumn.Active, {});
      this.#adopt(panel, new Session(key, sql ?? FIRST_STATEMENT));
    } else {
      this.#panel.reveal();
      if (key !== null) this.#panel.choose(key);
      if (sql !== undefined) this.#panel.write(sql);
    }
    if (sql !== undefined) this.#panel?.run();
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel, saved: unknown): Promise<void> {
    const { key, sql } = isSaved(saved) ? saved : { key: null, sql: FIRST_STATEMENT };
    this.#adopt(panel, new Session(key, sql));
    if (key !== null) await this.#registry.open(vscode.Uri.parse(key, true));
  }

  #adopt(panel: vscode.WebviewPanel, session: Session): void {
    const adopted = new QueryPanel(panel, this.#extensionUri, this.#registry, this.#log, session);
    this.#panel = adopted;
    panel.onDidDispose(() => {
      if (this.#panel === adopted) this.#panel = undefined;
    });
  }
}

class QueryPanel {
  readonly #panel: vscode.WebviewPanel;
  readonly #registry: Registry;
  readonly #log: vscode.LogOutputChannel;
  readonly #session: Session;

  constructor(panel: vscode.WebviewPanel, extensionUri: vscode.Uri, registry: Registry, log: vscode.LogOutputChannel, session: Session) {
    this.#panel = panel;
    this.#registry = registry;
    this.#log = log;
    this.#session = session;
    const { webview } = panel;
    const listeners = vscode.Disposable.from(
      webview.onDidReceiveMessage((message: FromPanel) => {
        this.#receive(message);
      }),
      registry.onDidChange(({ key }) => {
        this.#follow(key);
      }),
    );
    panel.onDidDispose(() => {
      listeners.dispose();
      session.forget();
    });
    panel.iconPath = vscode.Uri.joinPath(extensionUri, "media", "icon.svg");
    webview.options = { enableScripts: true, localResourceRoots: [webviewFolder(extensionUri)] };
    webview.html = webviewHtml(webview, extensionUri, { name: "query", title: "PluresDB Query", body: QUERY_BODY });
  }

  dispose(): void {
    this.#panel.dispose();
  }

  reveal(): void {
    this.#panel.reveal();
  }

  choose(key: string): void {
    if (this.#session.key === key) return;
    this.#session.key = key;
    this.#sendChoices();
  }

  write(sql: string): void {
    this.#session.sql = sql;
    this.#send({ type: "statement", sql });
  }

  run(): void {
    this.#send({ type: "running" });
    void this.#run();
  }

  async #run(): Promise<void> {
    const { key, sql } = this.#session;
    const outcome = await this.#session.run(key === null ? undefined : this.#registry.entry(key));
    if (outcome === null) return;
    if (outcome.kind === "failed") this.#log.warn(`Query failed: ${outcome.failure.message}\n${sql}`);
    else this.#log.debug(`Query gave ${outcome.result.total} rows in ${outcome.result.milliseconds.toFixed(1)} ms\n${sql}`);
    this.#sendOutcome(outcome);
  }

  #receive(message: FromPanel): void {
    switch (message.type) {
      case "ready":
        this.#sendChoices();
        this.#send({ type: "statement", sql: this.#session.sql });
        if (this.#session.outcome !== null) this.#sendOutcome(this.#session.outcome);
        break;
      case "select":
        this.#session.key = message.key;
        this.#sendChoices();
        break;
      case "edit":
        this.#session.sql = message.sql;
        break;
      case "run":
        this.#session.sql = message.sql;
        void this.#run();
        break;
      case "more":
        this.#send({ type: "rows", run: message.run, rows: this.#session.more(message.run, message.from) });
        break;
      case "openNode":
        void vscode.commands.executeCommand("pluresdb.openNode", { key: this.#session.key, id: message.id });
        break;
    }
  }

  #follow(key: string): void {
    this.#sendChoices();
    if (key !== this.#session.key) return;
    this.#session.markStale();
    this.#send({ type: "stale" });
  }

  #sendChoices(): void {
    const entries = this.#registry.entries();
    const choices = entries.map(({ key, name, state }): Choice => {
      return { key, name, tables: state.kind === "open" ? tablesOf(state.overview) : [] };
    });
    const known = choices.some(({ key }) => key === this.#session.key);
    if (!known && this.#session.key === null) this.#session.key = choices[0]?.key ?? null;
    this.#send({ type: "choices", choices, selected: this.#session.key });
  }

  #sendOutcome(outcome: Outcome): void {
    if (outcome.kind === "failed") this.#send({ type: "failed", failure: outcome.failure });
    else this.#send({ type: "result", result: outcome.result });
  }

  #send(message: ToPanel): void {
    void this.#panel.webview.postMessage(message);
  }
}
