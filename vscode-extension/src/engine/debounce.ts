/** Many calls in a short time become one, after the last. */

export interface Debounced {
  (): void;
  /** Forgets a call that waits. */
  cancel(): void;
}

export function debounce(run: () => void, milliseconds: number): Debounced {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const call = (): void => {
    clearTimeout(timer);
    timer = setTimeout(run, milliseconds);
  };
  return Object.assign(call, {
    cancel: () => {
      clearTimeout(timer);
    },
  });
}
