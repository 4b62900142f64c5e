/** The address of a node's document: the tab shows the end of the path, the query says which node it is. */
import * as vscode from "vscode";

export const SCHEME = "pluresdb";

export interface NodeAddress {
  /** Key of the database. */
  key: string;
  id: string;
}

export function nodeUri({ key, id }: NodeAddress): vscode.Uri {
  const database = key.slice(key.lastIndexOf("/") + 1);
  const path = `/${decodeURIComponent(database)}/${id.replace(/[/\\]/g, "_")}.json`;
  return vscode.Uri.from({ scheme: SCHEME, path, query: JSON.stringify([key, id]) });
}

/** Nothing for an address that is not of a node. */
export function nodeAddress(uri: vscode.Uri): NodeAddress | undefined {
  if (uri.scheme !== SCHEME) return undefined;
  try {
    const parts: unknown = JSON.parse(uri.query);
    if (!Array.isArray(parts)) return undefined;
    const [key, id] = parts as unknown[];
    return typeof key === "string" && typeof id === "string" ? { key, id } : undefined;
  } catch {
    return undefined;
  }
}
