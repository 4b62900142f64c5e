/** Many reasons to do the same work become one run of it. */

const SHORTEST_REST_MS = 120;
/** The work gets at most a fifth of the page's time. */
const REST_FOR_WORK = 4;

/**
 * Returns a function that asks for `work`. The first ask runs it soon; asks during a run or the rest after it
 * become one more run. The rest grows with the work, so a long import does not drown in refreshes.
 */
export function coalesce(work: () => Promise<void>, onError: (error: unknown) => void): () => void {
  let asked = false;
  let busy = false;

  const run = async (): Promise<void> => {
    busy = true;
    while (asked) {
      asked = false;
      const start = performance.now();
      try {
        await work();
      } catch (error) {
        onError(error);
      }
      const took = performance.now() - start;
      await rest(Math.max(SHORTEST_REST_MS, took * REST_FOR_WORK));
    }
    busy = false;
  };

  return () => {
    asked = true;
    if (!busy) void run();
  };
}

function rest(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
