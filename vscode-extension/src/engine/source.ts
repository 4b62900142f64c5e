/** Reads files through VS Code, so that they may be on disk, in a browser or on another machine. */
import * as vscode from "vscode";
import { Refusal } from "./failure.ts";
import type { FileBytes } from "./image.ts";
import { walGeneration } from "./wal.ts";

const ATTEMPTS = 5;
const PAUSE_MS = 200;

export function nameOf(uri: vscode.Uri): string {
  return uri.path.slice(uri.path.lastIndexOf("/") + 1);
}

/** Where the commits are that are not in the file yet. */
export function walOf(uri: vscode.Uri): vscode.Uri {
  return uri.with({ path: `${uri.path}-wal` });
}

/**
 * File and write-ahead file as they were at one moment. They are read one after the other, so a checkpoint
 * in between is looked for: it writes to the file, and a write-ahead file that begins anew has another header.
 */
export async function readSource(uri: vscode.Uri): Promise<FileBytes> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    const before = await stamp(uri);
    const wal = await readIfThere(walOf(uri));
    const bytes = await vscode.workspace.fs.readFile(uri);
    const walAfter = await readIfThere(walOf(uri));
    const still = before === (await stamp(uri)) && walGeneration(wal) === walGeneration(walAfter);
    if (still) return { name: nameOf(uri), bytes, wal };
  }
  throw new Refusal("busy", `${nameOf(uri)} is being written all the time; reload when it is quiet.`);
}

async function stamp(uri: vscode.Uri): Promise<string> {
  const { mtime, size } = await vscode.workspace.fs.stat(uri);
  return `${mtime} ${size}`;
}

/** The bytes of a file, none where there is no such file. */
async function readIfThere(uri: vscode.Uri): Promise<Uint8Array> {
  try {
    return await vscode.workspace.fs.readFile(uri);
  } catch (error) {
    if (error instanceof vscode.FileSystemError && error.code === "FileNotFound") return new Uint8Array();
    throw error;
  }
}
