// The error a person can act on: shown as a sentence, without a stack trace, and exit code 1.

import { fail } from "./say.mjs";

export class Stop extends Error {}

/** A mistyped option, and where all of them are told. */
const mistyped = ({ code, message }) =>
  String(code).startsWith("ERR_PARSE_ARGS") ? `${message.split(". ")[0]}. \`npm run help\` says what there is.` : null;

/** Runs a script's body. A `Stop` and a mistyped option become a message, anything else keeps its stack trace. */
export async function main(body) {
  try {
    process.exitCode = (await body()) ?? 0;
  } catch (error) {
    fail(error instanceof Stop ? error.message : (mistyped(error ?? {}) ?? String(error?.stack ?? error)));
    process.exitCode = 1;
  }
}
