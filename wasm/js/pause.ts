/** Lets everything else run: input, drawing, timers, other databases. */

const hasImmediate = "setImmediate" in globalThis && typeof setImmediate === "function";

/**
 * A task of its own, without the delays that browsers put on nested timers. Not `scheduler.yield`:
 * its continuations go before the tasks of others, so work that yields often would starve them.
 */
export function pause(): Promise<void> {
  if (hasImmediate) return new Promise((resolve) => setImmediate(resolve));
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
