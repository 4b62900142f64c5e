/** What the page's address asks for: `?db=NAME&space=HEX32&relay=URL` (or `relay=off`). */

/** The space all demo pages share unless told otherwise: the letters `pluresdb-demo-01`. */
const DEMO_SPACE = "706c7572657364622d64656d6f2d3031";
const DEFAULT_NAME = "demo";

export interface Parameters {
  /** Name of the database in IndexedDB. */
  name: string;
  space: string;
  /** Address of the relay's WebSocket, or null for none. */
  relay: string | null;
}

export function readParameters(address: URL): Parameters {
  const name = address.searchParams.get("db") ?? DEFAULT_NAME;
  if (!/^[\w.-]{1,64}$/.test(name)) {
    throw new Error(`db=${name} must be 1 to 64 letters, digits, dots, dashes or underscores`);
  }
  const space = address.searchParams.get("space") ?? DEMO_SPACE;
  if (!/^[0-9a-f]{32}$/i.test(space)) throw new Error(`space=${space} must be 32 hexadecimal digits`);
  return { name, space, relay: relayOf(address) };
}

function relayOf(address: URL): string | null {
  const relay = address.searchParams.get("relay");
  if (relay === "off") return null;
  if (relay !== null) {
    if (!/^wss?:\/\//.test(relay)) throw new Error(`relay=${relay} must begin with ws:// or wss://, or be off`);
    return relay;
  }
  const own = new URL("/v1/sync", address);
  own.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  return own.href;
}

/** The same page with a database of its own: `demo` leads to `demo-2`, that to `demo-3`. */
export function secondWindow(address: URL, name: string): string {
  const [, stem = name, number = "1"] = /^(.*?)(?:-(\d{1,4}))?$/.exec(name) ?? [];
  const second = new URL(address);
  second.searchParams.set("db", `${stem}-${Number(number) + 1}`);
  return second.href;
}
