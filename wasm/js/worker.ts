/** The script of the worker that runs the engine for a page: `pluresdb/worker`. Does nothing outside a worker. */

import { serve } from "./worker/host.ts";

if (typeof document === "undefined" && typeof postMessage === "function") {
  void serve(globalThis);
}
