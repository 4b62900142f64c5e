// The counts that `npm test` reads from what each test runner prints.

import assert from "node:assert/strict";
import { test } from "node:test";
import { countsIn } from "../../scripts/lib/counts.mjs";

test("nextest's summary is read with its failures and timeouts", () => {
  const output = [
    "     Summary [   0.573s] 29 tests run: 24 passed (1 slow), 3 failed, 2 timed out, 1 skipped",
    "        FAIL [   0.131s] crate::test name",
  ].join("\n");
  assert.deepEqual(countsIn(output), { passed: 24, failed: 5 });
});

test("every summary of cargo's own runner is added up", () => {
  const output = [
    "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out",
    "test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 filtered out",
  ].join("\n");
  assert.deepEqual(countsIn(output), { passed: 5, failed: 1 });
});

test("a cancelled test of Node's runner is a failure", () => {
  const output =
    "ℹ tests 9\nℹ suites 0\nℹ pass 6\nℹ fail 2\nℹ cancelled 1\nℹ skipped 0\nℹ todo 0\n";
  assert.deepEqual(countsIn(output), { passed: 6, failed: 3 });
});

test("output without a summary has no counts", () => {
  assert.equal(countsIn("error: could not compile `pluresdb`"), undefined);
});
