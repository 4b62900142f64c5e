/** Tells when a database file, or the write-ahead file beside it, was written, replaced or deleted. */
import * as vscode from "vscode";
import { debounce } from "./debounce.ts";
import { nameOf } from "./source.ts";

/** Long enough for a writer to finish a checkpoint, short enough to feel immediate. */
const QUIET_MS = 300;

export interface Changed {
  file: () => void;
  wal: () => void;
}

export function watchFile(uri: vscode.Uri, changed: Changed): vscode.Disposable {
  // The folder is watched and names are compared: a name may hold what a pattern gives a meaning.
  const folder = vscode.Uri.joinPath(uri, "..");
  const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, "*"));
  const file = debounce(changed.file, QUIET_MS);
  const wal = debounce(changed.wal, QUIET_MS);
  const look = (touched: vscode.Uri): void => {
    if (nameOf(touched) === nameOf(uri)) file();
    if (nameOf(touched) === `${nameOf(uri)}-wal`) wal();
  };
  return vscode.Disposable.from(
    watcher,
    watcher.onDidChange(look),
    watcher.onDidCreate(look),
    watcher.onDidDelete(look),
    new vscode.Disposable(() => {
      file.cancel();
      wal.cancel();
    }),
  );
}
