/** The fields of a type, and the columns of its view that show them: a field whose name is taken is shown under another. */

import type { Database } from "../types.ts";

export interface FieldColumn {
  field: string;
  /** Null where no column shows it: a view has 1,000 at most, and some types have none. */
  column: string | null;
}

/** The columns of a view between `id` and `updated` are those of all fields, former names among them, in the order of names. */
const COLUMNS = `
  SELECT name.field, shown.name AS "column" FROM (
    SELECT field, row_number() OVER (ORDER BY field) AS at
    FROM (SELECT field FROM pdb_type_field WHERE type = ?1 UNION SELECT value FROM json_each(?2))
  ) AS name
  LEFT JOIN pragma_table_info(?1) AS shown
  ON shown.cid = name.at AND name.at <= (SELECT count(*) - 3 FROM pragma_table_info(?1))
  ORDER BY name.at`;

/** Those that were seen in nodes or are defined. */
export async function fieldColumns(db: Pick<Database, "types" | "query">, type: string): Promise<FieldColumn[]> {
  const defined = (await db.types()).find(({ name }) => name === type)?.fields ?? {};
  const former = Object.values(defined).flatMap(({ renamed_from = [] }) => renamed_from);
  const names = [...Object.keys(defined), ...former];
  const all = await db.query<FieldColumn>(COLUMNS, [type, JSON.stringify(names)]);
  return all.filter(({ field }) => Object.hasOwn(defined, field) || !former.includes(field));
}
