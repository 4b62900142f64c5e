/** A database file that was opened: where it is, and what became of it. */
import type * as vscode from "vscode";
import type { Failure } from "./failure.ts";
import type { Opened } from "./image.ts";

export type State = { kind: "opening" } | OpenState | { kind: "failed"; failure: Failure };

export interface OpenState extends Opened {
  kind: "open";
  readAt: Date;
}

export interface Entry {
  readonly uri: vscode.Uri;
  /** The address as text: what names the database between host, tree and webviews. */
  readonly key: string;
  readonly name: string;
  readonly state: State;
}
