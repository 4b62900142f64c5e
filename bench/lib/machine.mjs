/** The machine that figures are of: they mean little without it, and on a busy one. */

import { cpus, loadavg } from "node:os";

/** Notes the load now; the function that it gives tells of the machine, with the load then. */
export function machine() {
  const before = loadavg()[0];
  return () => ({ processor: cpus()[0]?.model, processors: cpus().length, before, after: loadavg()[0] });
}

/** The same as a sentence. */
export function sentence({ processor, processors, before, after }) {
  const load = `load before and after ${before.toFixed(1)} and ${after.toFixed(1)}`;
  return `${processor}, ${processors} processors, ${load}.`;
}
