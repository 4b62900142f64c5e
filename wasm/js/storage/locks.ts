/** Web Locks between the tabs of one site, where the browser has them (secure pages do). */

const locks = (): LockManager | undefined =>
  typeof navigator === "object" && "locks" in navigator ? navigator.locks : undefined;

export const hasLocks = (): boolean => locks() !== undefined;

/** Holds a lock of a name of its own as long as this page or worker lives; null where none can be held. */
export async function holdForLife(): Promise<string | null> {
  if (!hasLocks()) return null;
  const name = `pluresdb:alive:${crypto.randomUUID()}`;
  // Refused to a page of no origin of its own.
  return tryHold(name).then(() => name, () => null);
}

/** Resolves once nobody holds a lock; never where there are no locks. */
export async function whenFree(name: string): Promise<void> {
  await (locks()?.request(name, () => undefined) ?? new Promise(() => undefined));
}

/** Holds a lock until the function it gives is called; null while another tab holds it. */
export function tryHold(name: string): Promise<(() => void) | null> {
  const manager = locks();
  // Alone, as far as anyone can tell.
  if (manager === undefined) return Promise.resolve(() => undefined);
  return new Promise((resolve, reject) => {
    manager
      .request(name, { ifAvailable: true }, (lock) => {
        if (lock === null) {
          resolve(null);
          return undefined;
        }
        return new Promise<void>((release) => {
          resolve(release);
        });
      })
      .catch(reject);
  });
}

/** The locks that are held whose names begin so; null where the browser does not say. */
export async function heldLocks(prefix: string): Promise<string[] | null> {
  try {
    const { held = [] } = (await locks()?.query()) ?? {};
    return held.flatMap(({ name = "" }) => (name.startsWith(prefix) ? [name] : []));
  } catch {
    return null;
  }
}
