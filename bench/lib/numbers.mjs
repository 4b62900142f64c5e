/** Numbers as people read them. */

/** Whole with thousands apart, or with three digits that count. */
export const number = (value) =>
  value >= 99.5 ? Math.round(value).toLocaleString("en-US") : value.toPrecision(value < 0.01 ? 1 : 3);

/** Rows of cells as a table in Markdown; columns named in `right` are aligned right. */
export function markdown([head, ...body], right) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [head, head.map((_, column) => (right.includes(column) ? "--:" : "---")), ...body].map(line).join("\n");
}
