/** Commands that are about a whole database: open, query, refresh, close. */
import * as vscode from "vscode";
import { nodeAddress } from "../documents/address.ts";
import { VIEW_TYPE } from "../editor/editor.ts";
import type { Registry } from "../engine/registry.ts";
import { nameOf } from "../engine/source.ts";
import type { QueryPanels } from "../query/panel.ts";
import { selectType } from "../query/statement.ts";
import { databaseKey, isElement, pickOpen } from "./target.ts";

const MOST_FILES = 1000;

/** Asks which of the workspace's databases to open and shows its page. */
export async function openDatabase(argument: unknown): Promise<void> {
  const uri = argument instanceof vscode.Uri ? argument : await pickFile();
  if (uri !== undefined) await showOverview(uri);
}

export async function overview(argument: unknown): Promise<void> {
  const key = databaseKey(argument);
  if (key !== undefined) await showOverview(vscode.Uri.parse(key, true));
}

export async function query(registry: Registry, queries: QueryPanels, argument: unknown): Promise<void> {
  const key = databaseKey(argument);
  if (key !== undefined) await registry.open(vscode.Uri.parse(key, true));
  else if (registry.entries().length === 0) {
    const uri = await pickFile();
    if (uri === undefined) return;
    await registry.open(uri);
  }
  const type = isElement(argument) && argument.kind === "type" ? argument.name : undefined;
  queries.show(key ?? null, type === undefined ? undefined : selectType(type));
}

/** Reads one database anew, or all of them. */
export async function refresh(registry: Registry, argument: unknown): Promise<void> {
  const key = databaseKey(argument);
  const keys = key === undefined ? registry.entries().map((entry) => entry.key) : [key];
  await Promise.all(keys.map((one) => registry.reload(one)));
}

/** Closes a database with its page and the documents of its nodes. */
export async function close(registry: Registry, argument: unknown): Promise<void> {
  const key = databaseKey(argument) ?? (await pickOpen(registry, "Which database is to be closed?"));
  if (key === undefined) return;
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  await vscode.window.tabGroups.close(tabs.filter((tab) => shows(tab, key)));
  registry.close(key);
}

function shows({ input }: vscode.Tab, key: string): boolean {
  if (input instanceof vscode.TabInputCustom) return input.viewType === VIEW_TYPE && input.uri.toString() === key;
  return input instanceof vscode.TabInputText && nodeAddress(input.uri)?.key === key;
}

async function showOverview(uri: vscode.Uri): Promise<void> {
  await vscode.commands.executeCommand("vscode.openWith", uri, VIEW_TYPE);
}

async function pickFile(): Promise<vscode.Uri | undefined> {
  const files = vscode.workspace.findFiles("**/*.pluresdb", "**/node_modules/**", MOST_FILES);
  const items = files.then((found) =>
    found
      .map((uri) => ({ uri, label: nameOf(uri), description: vscode.workspace.asRelativePath(uri) }))
      .sort((a, b) => a.description.localeCompare(b.description)),
  );
  if ((await items).length === 0) {
    return pickElsewhere();
  }
  const picked = await vscode.window.showQuickPick(items, { placeHolder: "Which database is to be opened?", matchOnDescription: true });
  return picked?.uri;
}

/** Where the workspace has no database, any file may be chosen. */
async function pickElsewhere(): Promise<vscode.Uri | undefined> {
  const choose = "Choose a File";
  const answer = await vscode.window.showInformationMessage("There is no .pluresdb file in this workspace.", choose);
  if (answer !== choose) return undefined;
  const chosen = await vscode.window.showOpenDialog({ title: "Open Database", filters: { "PluresDB databases": ["pluresdb"] } });
  return chosen?.[0];
}
