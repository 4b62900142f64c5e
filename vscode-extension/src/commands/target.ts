/** What a command is for: an element of the tree, a file of the explorer, a document, or what the user picks. */
import * as vscode from "vscode";
import { nodeAddress, type NodeAddress } from "../documents/address.ts";
import type { Registry } from "../engine/registry.ts";
import { databaseOf, nodeOf, type Element } from "../tree/elements.ts";

/** The key of the database an argument names; nothing for none. */
export function databaseKey(argument: unknown): string | undefined {
  if (isElement(argument)) return databaseOf(argument).key;
  if (argument instanceof vscode.Uri) return nodeAddress(argument)?.key ?? argument.toString();
  return undefined;
}

/** The node an argument names; that of the document on show without one. */
export function nodeTarget(argument: unknown): NodeAddress | undefined {
  if (isElement(argument)) {
    const node = nodeOf(argument);
    return node && { key: databaseOf(argument).key, id: node.id };
  }
  if (argument instanceof vscode.Uri) return nodeAddress(argument);
  if (isAddress(argument)) return argument;
  const shown = vscode.window.activeTextEditor?.document.uri;
  return shown && nodeAddress(shown);
}

/** One of the open databases: the only one, or the one the user picks. */
export async function pickOpen(registry: Registry, placeHolder: string): Promise<string | undefined> {
  const entries = registry.entries();
  if (entries.length <= 1) return entries[0]?.key;
  const items = entries.map(({ key, name, uri }) => ({ key, label: name, description: vscode.workspace.asRelativePath(uri) }));
  return (await vscode.window.showQuickPick(items, { placeHolder }))?.key;
}

export function isElement(argument: unknown): argument is Element {
  return typeof argument === "object" && argument !== null && "kind" in argument && "id" in argument;
}

function isAddress(argument: unknown): argument is NodeAddress {
  if (typeof argument !== "object" || argument === null || !("key" in argument) || !("id" in argument)) return false;
  return typeof argument.key === "string" && typeof argument.id === "string";
}
