/** From the bytes of a file to a database in memory. Knows nothing of VS Code. */
import { open, type Database } from "pluresdb";
import { readHeader } from "./header.ts";
import { readOverview, type Overview } from "./overview.ts";
import { refuseForeign, walWarning } from "./refusal.ts";

export interface FileBytes {
  /** The name to use in messages. */
  name: string;
  bytes: Uint8Array;
  /** The size of the write-ahead file beside it, 0 without one. */
  walBytes: number;
}

export interface Opened {
  database: Database;
  overview: Overview;
  /** What the reader should know about the file's freshness. */
  warning: string | null;
}

export async function openImage(file: FileBytes, wasm: WebAssembly.Module): Promise<Opened> {
  const header = readHeader(file.bytes);
  refuseForeign(file.name, header, file.walBytes);
  const warning = walWarning(file.name, header, file.walBytes);
  const database = await open("memory://", { image: file.bytes, wasm });
  try {
    return { database, overview: await readOverview(database), warning };
  } catch (error) {
    await database.close();
    throw error;
  }
}
