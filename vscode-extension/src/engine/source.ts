/** Reads files through VS Code, so that they may be on disk, in a browser or on another machine. */
import * as vscode from "vscode";
import type { FileBytes } from "./image.ts";

export function nameOf(uri: vscode.Uri): string {
  return uri.path.slice(uri.path.lastIndexOf("/") + 1);
}

export async function readSource(uri: vscode.Uri): Promise<FileBytes> {
  // The size first: what moves from the write-ahead file into the file in between is then warned of once
  // too often rather than once too seldom.
  const walBytes = await readWalSize(uri);
  return { name: nameOf(uri), bytes: await vscode.workspace.fs.readFile(uri), walBytes };
}

/** The size of the write-ahead file beside a file, 0 where there is none. */
export async function readWalSize(uri: vscode.Uri): Promise<number> {
  return sizeOf(uri.with({ path: `${uri.path}-wal` }));
}

/** The size of a file, 0 where there is none. */
async function sizeOf(uri: vscode.Uri): Promise<number> {
  try {
    return (await vscode.workspace.fs.stat(uri)).size;
  } catch (error) {
    if (error instanceof vscode.FileSystemError && error.code === "FileNotFound") return 0;
    throw error;
  }
}
