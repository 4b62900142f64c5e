/** What a database expects of the place that keeps it. */

export interface Storage {
  /** Resolves once everything committed so far is durable; rejects when storing it fails. */
  saved(): Promise<void>;
  /** Resolves at once while little waits to be stored: long work goes no faster than storage. */
  room(): Promise<void>;
  state(): StorageState;
  close(): Promise<void>;
}

export interface StorageState {
  /** Records committed and not yet durable. */
  unsaved: number;
  /** The last failure, until something is stored again. */
  error: string | null;
}
