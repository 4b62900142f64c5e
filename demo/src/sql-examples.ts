/** Statements to start from; each shows one thing SQL over documents and edges is good for. */

export interface Example {
  name: string;
  sql: string;
}

export const EXAMPLES: [Example, ...Example[]] = [
  {
    name: "Edges by label",
    sql: `SELECT label, count(*) AS edges
FROM edges
GROUP BY label
ORDER BY edges DESC`,
  },
  {
    name: "Kinds of dog",
    sql: `WITH RECURSIVE kinds(id, depth) AS (
  SELECT 'n02086723', 0
  UNION
  SELECT e.target, kinds.depth + 1
  FROM kinds JOIN edges AS e ON e.source = kinds.id AND e.label = 'hyponym'
)
SELECT kinds.depth, n.id, n.data ->> '$.lemmas[0]' AS word, n.data ->> '$.gloss' AS gloss
FROM kinds JOIN nodes AS n ON n.id = kinds.id
ORDER BY kinds.depth, word`,
  },
  {
    name: "From dog up to entity",
    sql: `WITH RECURSIVE up(id, height) AS (
  SELECT 'n02086723', 0
  UNION
  SELECT e.target, up.height + 1
  FROM up JOIN edges AS e ON e.source = up.id AND e.label = 'hypernym'
)
SELECT up.height, n.id, n.data ->> '$.lemmas[0]' AS word, n.data ->> '$.gloss' AS gloss
FROM up JOIN nodes AS n ON n.id = up.id
ORDER BY up.height`,
  },
  {
    name: "Parts of a car",
    sql: `SELECT n.id, n.data ->> '$.lemmas[0]' AS part, n.data ->> '$.gloss' AS gloss
FROM edges AS e JOIN nodes AS n ON n.id = e.target
WHERE e.source = 'n02961779' AND e.label = 'part_meronym'
ORDER BY part`,
  },
  {
    name: "Widest synsets",
    sql: `SELECT n.id, n.data ->> '$.lemmas[0]' AS word, count(*) AS narrower
FROM edges AS e JOIN nodes AS n ON n.id = e.source
WHERE e.label = 'hyponym'
GROUP BY n.id
ORDER BY narrower DESC
LIMIT 20`,
  },
  {
    name: "Newest changes",
    sql: `SELECT id, type, updated, data
FROM nodes
ORDER BY updated DESC
LIMIT 20`,
  },
];
