// The error a person can act on: shown as a sentence, without a stack trace, and exit code 1.

import { fail } from "./say.mjs";

export class Stop extends Error {}

/** Runs a script's body. A `Stop` becomes its message, anything else keeps its stack trace. */
export async function main(body) {
  try {
    process.exitCode = (await body()) ?? 0;
  } catch (error) {
    fail(error instanceof Stop ? error.message : String(error?.stack ?? error));
    process.exitCode = 1;
  }
}
