/** Tells when a database file, or the write-ahead file beside it, was written, replaced or deleted. */
import * as vscode from "vscode";
import { debounce } from "./debounce.ts";
import { nameOf, walOf } from "./source.ts";

/** Short enough to feel immediate; where a program writes all the time, rare enough to leave time for others. */
const PACE = { quiet: 300, longest: 30_000 };

export function watchFile(uri: vscode.Uri, changed: () => void): vscode.Disposable {
  // The folder is watched and names are compared: a name may hold what a pattern gives a meaning.
  const folder = vscode.Uri.joinPath(uri, "..");
  const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, "*"));
  const soon = debounce(changed, PACE);
  const names = [nameOf(uri), nameOf(walOf(uri))];
  const look = (touched: vscode.Uri): void => {
    if (names.includes(nameOf(touched))) soon();
  };
  return vscode.Disposable.from(
    watcher,
    watcher.onDidChange(look),
    watcher.onDidCreate(look),
    watcher.onDidDelete(look),
    new vscode.Disposable(() => {
      soon.cancel();
    }),
  );
}
