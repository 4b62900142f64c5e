// What a call fails with, which has to be an error of the package.

import assert from "node:assert/strict";
import { PluresError } from "pluresdb";

/** The error of a promise; fails where there is none, or one of another class. */
export async function failure(promise) {
  const error = await promise.then(
    () => assert.fail("it did not fail"),
    (error) => error,
  );
  assert.ok(error instanceof PluresError, String(error));
  return error;
}
