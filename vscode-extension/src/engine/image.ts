/** From the bytes of a file to a database in memory. Knows nothing of VS Code. */
import { open, type Database } from "pluresdb";
import { refuseForeign } from "./header.ts";
import { readOverview, type Overview } from "./overview.ts";
import { withWal } from "./wal.ts";

export interface FileBytes {
  /** The name to use in messages. */
  name: string;
  bytes: Uint8Array;
  /** The write-ahead file beside it, empty without one. */
  wal: Uint8Array;
}

export interface Opened {
  database: Database;
  overview: Overview;
  /** Size of the database. */
  bytes: number;
  /** Whether the write-ahead file held commits. */
  fromWal: boolean;
}

export async function openImage({ name, bytes, wal }: FileBytes, module: WebAssembly.Module): Promise<Opened> {
  const image = withWal(bytes, wal);
  refuseForeign(name, image);
  const database = await open("memory://", { image, wasm: module });
  try {
    return { database, overview: await readOverview(database), bytes: image.length, fromWal: image !== bytes };
  } catch (error) {
    await database.close();
    throw error;
  }
}
