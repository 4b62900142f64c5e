/** What a database says of itself and of its storage. */

/** What a database says of itself. */
export interface DatabaseStatus {
  url: string;
  space: string;
  actor: string;
  nodes: number;
  edges: number;
  records: number;
  /** Records committed here and not yet stored. */
  unsaved: number;
  /** The last failure of storage, or null: to store, to read what was stored, or to keep it. */
  storageError: string | null;
  /** Its code, the same between versions: `storage`, `format`, `deleted`, `damaged`, `lost`. */
  storageCode: string | null;
  /** What the browser grants the site; null where nothing is stored, or where it does not say. */
  site: SiteStorage | null;
  /** Whether the engine runs in a worker of its own. */
  worker: boolean;
  /** Why it does not, where one was wanted. */
  workerError: string | null;
}

/** What the browser grants the site, all that it stores together. */
export interface SiteStorage {
  /** Whether the browser asks the user before it deletes what is stored. Else it may, short of space. `persist()` asks for it. */
  persisted: boolean;
  /** Bytes that are stored, as the browser estimates them. */
  usage: number;
  /** Bytes that may be stored. */
  quota: number;
}

/** Whether what was written is stored. */
export interface StorageState {
  /** Records committed and not yet durable. */
  unsaved: number;
  /** The last failure, until something is stored again. */
  error: string | null;
  /** Its code, as in `DatabaseStatus`. */
  code: string | null;
}
