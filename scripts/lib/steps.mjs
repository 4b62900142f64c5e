// Runs named steps one after another, goes on after one that failed, and ends with a table.

import { Stop } from "./stop.mjs";
import { duration, fail, green, heading, red, table } from "./say.mjs";

/**
 * `all` maps a step's name to `{ title, run }`; `run` resolves to
 * `{ ok, passed, failed, note }`, where the counts may be left out.
 * Only `wanted` steps run, or all when it is empty. Resolves to the totals.
 */
export async function runSteps(all, wanted) {
  const unknown = wanted.filter((name) => !(name in all));
  if (unknown.length > 0) {
    throw new Stop(
      `There is no step ${unknown.join(", ")}. Steps: ${Object.keys(all).join(", ")}.`,
    );
  }
  const results = [];
  for (const [name, step] of Object.entries(all)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    heading(`${name}: ${step.title}`);
    const begun = Date.now();
    const outcome = counted(await attempt(step));
    results.push({ name, ...outcome, time: Date.now() - begun });
  }
  summary(results);
  return {
    passed: sum(results, "passed"),
    failed: sum(results, "failed"),
  };
}

/** A step that throws has failed; the steps behind it still run. */
async function attempt(step) {
  try {
    return await step.run();
  } catch (error) {
    fail(error instanceof Stop ? error.message : String(error?.stack ?? error));
    return { ok: false };
  }
}

/** A step without counts counts as one; one that failed counts at least one failure. */
function counted({ ok, passed, failed, note = "" }) {
  if (passed === undefined) return { ok, passed: ok ? 1 : 0, failed: ok ? 0 : 1, note };
  return { ok, passed, failed: ok ? failed : Math.max(failed, 1), note };
}

const sum = (results, key) => results.reduce((total, result) => total + result[key], 0);

function summary(results) {
  const rows = results.map(({ name, ok, passed, failed, note, time }) => [
    ok ? "ok" : "FAILED",
    name,
    String(passed),
    String(failed),
    duration(time),
    note,
  ]);
  const lines = table([["", "step", "passed", "failed", "time", ""], ...rows], [2, 3, 4]).split(
    "\n",
  );
  heading("Summary");
  lines.forEach((line, index) => {
    const result = results[index - 1];
    console.log(result ? (result.ok ? green(line) : red(line)) : line);
  });
}
