/** Many calls in a short time become one: when they pause, or after the longest wait where they do not. */

export interface Debounced {
  (): void;
  /** Forgets a call that waits. */
  cancel(): void;
}

export function debounce(run: () => void, { quiet, longest }: { quiet: number; longest: number }): Debounced {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let since: number | undefined;
  const cancel = (): void => {
    clearTimeout(timer);
    since = undefined;
  };
  const call = (): void => {
    const now = Date.now();
    since ??= now;
    clearTimeout(timer);
    timer = setTimeout(() => {
      since = undefined;
      run();
    }, Math.min(quiet, since + longest - now));
  };
  return Object.assign(call, { cancel });
}
