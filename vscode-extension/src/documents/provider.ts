/** Read-only documents that show a node as JSON and follow the file. */
import * as vscode from "vscode";
import { sentenceOf } from "../engine/failure.ts";
import type { Registry } from "../engine/registry.ts";
import { nodeAddress, SCHEME } from "./address.ts";
import { nodeToJson } from "./json.ts";

export class NodeDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #registry: Registry;
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #disposables: vscode.Disposable;

  readonly onDidChange = this.#changed.event;

  constructor(registry: Registry) {
    this.#registry = registry;
    this.#disposables = vscode.Disposable.from(
      this.#changed,
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      registry.onDidChange(({ key }) => {
        if (registry.entry(key) === undefined) return;
        for (const { uri } of vscode.workspace.textDocuments) {
          if (nodeAddress(uri)?.key === key) this.#changed.fire(uri);
        }
      }),
    );
  }

  dispose(): void {
    this.#disposables.dispose();
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const address = nodeAddress(uri);
    if (address === undefined) return comment("This address names no node.");
    const { state } = await this.#registry.open(vscode.Uri.parse(address.key, true));
    if (state.kind === "failed") return comment(sentenceOf(state.failure));
    if (state.kind === "opening") return comment("The database is being opened.");
    const node = await state.database.get(address.id);
    return node === null ? comment(`There is no node with the id ${JSON.stringify(address.id)} any more.`) : nodeToJson(node);
  }
}

function comment(text: string): string {
  return `// ${text}\n`;
}
