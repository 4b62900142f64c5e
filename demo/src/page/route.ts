/** What the address bar's hash shows, so that back and forward work: `#node/ID`, `#new` or nothing. */

export type Route = { show: "node"; id: string } | { show: "new" } | { show: "welcome" };

export function currentRoute(): Route {
  const hash = location.hash;
  if (hash === "#new") return { show: "new" };
  if (hash.startsWith("#node/")) {
    const id = decoded(hash.slice("#node/".length));
    if (id !== "") return { show: "node", id };
  }
  return { show: "welcome" };
}

export function hashOf(id: string): string {
  return `#node/${encodeURIComponent(id)}`;
}

export function go(hash: string): void {
  location.hash = hash;
}

export function onRoute(listener: () => void): void {
  addEventListener("hashchange", listener);
}

/** A hash typed by hand may hold a stray percent sign; then it is taken as it stands. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
