/** Where VS Code begins: makes the parts, joins them and leaves them to be disposed with the extension. */
import * as vscode from "vscode";
import { registerCommands } from "./commands/register.ts";
import { NodeDocuments } from "./documents/provider.ts";
import { DatabaseEditors } from "./editor/editor.ts";
import { moduleLoader } from "./engine/module.ts";
import { Registry } from "./engine/registry.ts";
import { QueryPanels } from "./query/panel.ts";
import { DatabaseTree } from "./tree/provider.ts";

export function activate({ extensionUri, subscriptions }: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel("PluresDB", { log: true });
  const registry = new Registry(moduleLoader(extensionUri), log);
  const tree = new DatabaseTree(registry);
  const view = vscode.window.createTreeView("pluresdb.databases", { treeDataProvider: tree, showCollapseAll: true });
  const queries = new QueryPanels(extensionUri, registry, log);
  const editors = new DatabaseEditors(extensionUri, registry, queries);
  const documents = new NodeDocuments(registry);
  const commands = registerCommands({ registry, queries, tree, view, log });
  subscriptions.push(log, registry, tree, view, queries, editors, documents, commands);
}
