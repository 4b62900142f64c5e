/** What the page of a database file and the extension say to each other. */
import type { Failure } from "../engine/failure.ts";
import type { Count } from "../engine/overview.ts";

export interface Facts {
  space: string;
  nodes: number;
  edges: number;
  records: number;
  bytes: number;
  /** Milliseconds since 1970. */
  readAt: number;
  types: Count[];
  /** Whether commits in the write-ahead file were read too. */
  fromWal: boolean;
}

export type ToEditor =
  | { type: "opening"; name: string }
  | { type: "open"; name: string; facts: Facts }
  | { type: "failed"; name: string; failure: Failure }
  | { type: "labels"; labels: Count[] }
  | { type: "hash"; hash: string }
  /** Something that was asked for on the page failed; the page stays. */
  | { type: "trouble"; failure: Failure };

export type FromEditor =
  | { type: "ready" }
  | { type: "query" }
  | { type: "queryType"; name: string }
  | { type: "queryLabel"; name: string }
  | { type: "reload" }
  | { type: "labels" }
  | { type: "hash" };
