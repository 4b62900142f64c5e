/** What an edit changed, so that only that is written and changes made elsewhere meanwhile survive. */
import type { Data, Patch, Value } from "pluresdb";
import { isObject, toText } from "./json.ts";

/** The patch that leads from `before` to `after`, or null when nothing changed. */
export function diff(before: Data, after: Data): Patch | null {
  const changes: [string, Value | undefined | Patch][] = [];
  for (const key of Object.keys(before)) {
    if (!Object.hasOwn(after, key)) changes.push([key, undefined]);
  }
  for (const [key, value] of Object.entries(after)) {
    const old = Object.hasOwn(before, key) ? before[key] : undefined;
    if (isObject(old) && isObject(value)) {
      const inner = diff(old, value);
      if (inner !== null) changes.push([key, inner]);
    } else if (old === undefined || toText(old) !== toText(value)) {
      changes.push([key, value]);
    }
  }
  return changes.length === 0 ? null : Object.fromEntries(changes);
}
