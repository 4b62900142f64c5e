/** What the browser grants this site, and the request for more. Pages without a secure origin have neither. */

import type { SiteStorage } from "../status.ts";

const manager = (): Partial<StorageManager> | undefined =>
  typeof navigator === "object" && "storage" in navigator ? navigator.storage : undefined;

/** Null where the browser does not say. */
export async function siteStorage(): Promise<SiteStorage | null> {
  const storage = manager();
  if (storage?.estimate === undefined || storage.persisted === undefined) return null;
  // Refused to a page of no origin of its own.
  const told = await Promise.all([storage.estimate(), storage.persisted()]).catch(() => null);
  if (told === null) return null;
  const [{ usage = 0, quota = 0 }, persisted] = told;
  return { persisted, usage, quota };
}

/** Asks to keep what is stored until the user deletes it; gives whether the browser does. Workers may only look. */
export async function persist(): Promise<boolean> {
  const storage = manager();
  return (await (storage?.persist?.() ?? storage?.persisted?.())) ?? false;
}
