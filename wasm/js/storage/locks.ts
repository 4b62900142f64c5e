/** Web Locks between the tabs of one site, where the browser has them (secure pages do). */

const locks = (): LockManager | undefined =>
  typeof navigator === "object" && "locks" in navigator ? navigator.locks : undefined;

export const hasLocks = (): boolean => locks() !== undefined;

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
