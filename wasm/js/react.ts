"use client";

/** `pluresdb/react`: live queries as hooks. React is the application's own, version 18 or later. */

import {
  type ReactElement,
  type ReactNode,
  createContext,
  createElement,
  useContext,
  useMemo,
  useRef,
  useSyncExternalStore,
} from "react";
import { type LiveState, LiveStore, type Source } from "./live-store.ts";
import type { Parameter, Parameters } from "./types.ts";

export type { LiveState, Source };

const Context = createContext<Source>(null);
const NONE: Parameters = [];
const waiting: LiveState<never> = { rows: [], error: null, loading: true };

/** Gives a database, or the promise of one, to the components inside. */
export function DatabaseProvider(
  { database, children }: { database: Source; children?: ReactNode },
): ReactElement {
  return createElement(Context.Provider, { value: database }, children);
}

/** The database of the provider around. */
export function useDatabase(): Source {
  return useContext(Context);
}

/**
 * The rows of a read-only statement, kept up to date while the component is shown. `database` is that of the provider
 * unless it is said. On a server it is loading.
 */
export function useLiveQuery<Row = Record<string, unknown>>(
  sql: string,
  params: Parameters = NONE,
  database?: Source,
): LiveState<Row> {
  const around = useContext(Context);
  const source = database ?? around;
  const stable = useStable(params);
  const store = useMemo(() => new LiveStore<Row>(source, sql, stable), [source, sql, stable]);
  const [subscribe, get] = useMemo(
    () => [(listener: () => void) => store.subscribe(listener), () => store.state] as const,
    [store],
  );
  return useSyncExternalStore(subscribe, get, () => waiting);
}

/** The parameters of before, while they are equal. */
function useStable(params: Parameters): Parameters {
  const kept = useRef(params);
  if (!areSame(params, kept.current)) kept.current = params;
  return kept.current;
}

function areSame(left: Parameters, right: Parameters): boolean {
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const [some, others] = [Object.entries(left as Record<string, Parameter>), right as Record<string, Parameter>];
  return some.length === Object.keys(right).length && some.every(([name, value]) => Object.hasOwn(others, name) && isSame(value, others[name]));
}

/** Arrays of numbers are made anew for each rendering: what they hold counts. */
function isSame(left: Parameter, right: Parameter | undefined): boolean {
  if (!ArrayBuffer.isView(left) || !ArrayBuffer.isView(right)) return Object.is(left, right);
  return left.length === right.length && left.every((number, at) => Object.is(number, right[at]));
}
