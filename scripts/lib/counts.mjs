// Reads the numbers of passed and failed tests from what a test runner printed.

const patterns = [
  // cargo nextest: "Summary [ 1.2s] 34 tests run: 33 passed (1 slow), 1 failed, 2 skipped"
  {
    line: /Summary \[.*tests? run:.*/g,
    passed: /(\d+) passed/,
    failed: /(\d+) (?:failed|timed out|exec failed)/g,
  },
  // cargo test, wasm-bindgen-test-runner: "test result: ok. 3 passed; 0 failed; 1 ignored"
  { line: /test result: .*/g, passed: /(\d+) passed/, failed: /(\d+) failed/g },
  // node --test: "ℹ pass 3" or "# pass 3", then "fail 0" and "cancelled 0"
  {
    line: /^[ℹ#] pass \d+[\s\S]*?^[ℹ#] todo \d+/gm,
    passed: / pass (\d+)/,
    failed: / (?:fail|cancelled) (\d+)/g,
  },
];

/** `{ passed, failed }` summed over every summary in `output`, or undefined if there is none. */
export function countsIn(output) {
  const found = patterns.flatMap(({ line, passed, failed }) =>
    [...output.matchAll(line)].map(([summary]) => ({
      passed: Number(passed.exec(summary)?.[1] ?? 0),
      failed: [...summary.matchAll(failed)].reduce((total, match) => total + Number(match[1]), 0),
    })),
  );
  if (found.length === 0) return undefined;
  return found.reduce((total, one) => ({
    passed: total.passed + one.passed,
    failed: total.failed + one.failed,
  }));
}
