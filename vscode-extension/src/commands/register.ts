/** Ties each command's name to what it does; a failure is shown and logged. */
import * as vscode from "vscode";
import { failureOf, sentenceOf } from "../engine/failure.ts";
import type { Registry } from "../engine/registry.ts";
import type { QueryPanels } from "../query/panel.ts";
import type { Element, MoreElement } from "../tree/elements.ts";
import type { DatabaseTree } from "../tree/provider.ts";
import { close, openDatabase, overview, query, refresh } from "./databases.ts";
import { copyId, openNode, reveal } from "./nodes.ts";

export interface Parts {
  registry: Registry;
  queries: QueryPanels;
  tree: DatabaseTree;
  view: vscode.TreeView<Element>;
  log: vscode.LogOutputChannel;
}

export function registerCommands({ registry, queries, tree, view, log }: Parts): vscode.Disposable {
  const commands: Record<string, (argument: unknown) => unknown> = {
    "pluresdb.open": openDatabase,
    "pluresdb.overview": overview,
    "pluresdb.query": (argument) => query(registry, queries, argument),
    "pluresdb.refresh": (argument) => refresh(registry, argument),
    "pluresdb.close": (argument) => close(registry, argument),
    "pluresdb.openNode": openNode,
    "pluresdb.copyId": copyId,
    "pluresdb.reveal": (argument) => reveal(registry, tree, view, argument),
    "pluresdb.loadMore": (argument) => {
      tree.loadMore(argument as MoreElement);
    },
  };
  const registered = Object.entries(commands).map(([name, run]) =>
    vscode.commands.registerCommand(name, async (argument: unknown) => {
      try {
        await run(argument);
      } catch (error) {
        await tell(name, error, log);
      }
    }),
  );
  return vscode.Disposable.from(...registered);
}

async function tell(command: string, error: unknown, log: vscode.LogOutputChannel): Promise<void> {
  const sentence = sentenceOf(failureOf(error));
  log.error(`${command}: ${sentence}`);
  const show = "Show Log";
  const answer = await vscode.window.showErrorMessage(`PluresDB: ${sentence}`, show);
  if (answer === show) log.show();
}
