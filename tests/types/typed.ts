/** What TypeScript makes of a type's definition. This file is compiled, never run: a wrong type is an error of the check. */

import type { Database, FieldDefinition, SqlQuery } from "pluresdb";

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
/** Whether a value is of exactly this type: `is<string>()(value)`. */
const is =
  <B>() =>
  <A>(value: A, ...holds: Same<A, B> extends true ? [] : [never]): unknown[] => [value, holds];

export async function types(db: Database): Promise<void> {
  const notes = await db.type("Note", {
    title: { type: "string", required: true },
    stars: { type: "integer", default: 0 },
    state: { enum: ["open", "done"] },
    tags: { kind: "set", items: { type: "string" } },
    votes: { kind: "counter" },
    body: { kind: "text" },
    due: { type: "string", nullable: true },
    place: { type: "object", fields: { city: { type: "string", required: true }, zip: { type: "string" } } },
  });

  const node = await notes.get("a");
  if (node === null) return;
  is<
    {
      title: string;
      stars: number;
      state?: "open" | "done";
      tags?: string[];
      votes?: number;
      body?: string;
      due?: string | null;
      place?: { city: string; zip?: string };
    }
  >()(node.data);

  await notes.put({ title: "a" });
  await notes.put({ title: "a", state: "open", due: null }, { id: "a" });
  // @ts-expect-error -- the title is required
  await notes.put({ stars: 1 });
  // @ts-expect-error -- of another type
  await notes.put({ title: 1 });
  // @ts-expect-error -- none of its values
  await notes.put({ title: "a", state: "late" });
  // @ts-expect-error -- a field that is not there
  await notes.patch("a", { nothing: 1 });
  await notes.patch("a", { state: undefined, stars: 2 });

  const rows = await notes.where("stars > ?", [3]);
  for (const row of rows) {
    is<string | null>()(row.title);
    is<string>()(row.id);
  }
  // As SQL has them.
  is<string | null | undefined>()(rows[0]?.tags);
  is<string | null | undefined>()(rows[0]?.place);
  is<"open" | "done" | null | undefined>()(rows[0]?.state);
  const flags = await db.type("Flag", { set: { type: "boolean" }, free: {}, raw: { type: "bytes" }, one: { enum: [true, 2, "x"] } });
  const [flag] = await flags.where();
  is<0 | 1 | null | undefined>()(flag?.set);
  is<string | number | bigint | null | undefined>()(flag?.free);
  is<string | null | undefined>()(flag?.raw);
  is<0 | 1 | 2 | "x" | null | undefined>()(flag?.one);
  notes.live(undefined, undefined, ({ added }) => {
    for (const { row } of added) is<number | null>()(row.stars);
  });
  notes.live(({ rows }) => is<string | null | undefined>()(rows[0]?.title));
  notes.live("stars > 3", ({ rows }) => is<string | null | undefined>()(rows[0]?.title));
  db.live<{ n: number }>("SELECT 1 AS n", ({ rows }) => is<number | undefined>()(rows[0]?.n));

  // Objects merge key by key, so not all keys are needed.
  await notes.patch("a", { place: { zip: "1" } });
  // @ts-expect-error -- of another type
  await notes.patch("a", { place: { zip: 1 } });

  const query = db.sql<{ n: number }>`SELECT count(*) AS n FROM Note WHERE id IN ${["a"]}`;
  is<SqlQuery<{ n: number }>>()(query);
  const [first] = await query;
  is<{ n: number } | undefined>()(first);
  // @ts-expect-error -- no parameter
  await db.sql`SELECT ${{ a: 1 }}`;

  is<number>()(await db.transaction(async (tx) => (await tx.exec("SELECT 1")).rows.length));
}

/** Definitions that do not hold together are errors where they are written. */
export async function definitions(db: Database): Promise<void> {
  const points = await db.type("Point", {
    name: { type: "string", nullable: true, default: null },
    tags: { kind: "set", items: { type: "string" }, default: ["new"] },
    state: { enum: ["open", "done"], default: "open" },
    at: { kind: "vector", dimension: 2 },
    meaning: { kind: "vector", dimension: 2, embed_from: ["name"] },
  });
  await points.put({ at: new Float32Array([1, 2]) });
  is<number[] | undefined>()((await points.get("a"))?.data.at);
  // @ts-expect-error -- a key that there is none of
  await db.type("A", { name: { type: "string", requird: true } });
  // @ts-expect-error -- a type that there is none of
  await db.type("A", { name: { type: "text" } });
  // @ts-expect-error -- a default of another type
  await db.type("A", { name: { type: "string", default: 1 } });
  // @ts-expect-error -- a default that is none of the values
  await db.type("A", { state: { enum: ["open", "done"], default: "late" } });
  // @ts-expect-error -- a field that is not there
  await db.type("A", { meaning: { kind: "vector", dimension: 2, embed_from: ["name"] } });
  const fields: Record<string, FieldDefinition> = JSON.parse("{}") as Record<string, FieldDefinition>;
  await (await db.type("Any", fields)).put({ whatever: 1 });
}

/** What a node holds may be described by an interface. */
interface Task {
  title: string;
}

export async function interfaces(db: Database): Promise<void> {
  is<string | undefined>()((await db.get<Task>("a"))?.data.title);
  is<string | undefined>()((await db.search<Task>("a"))[0]?.node.data.title);
  is<string | undefined>()((await db.node<Task>("a").get())?.data.title);
}
