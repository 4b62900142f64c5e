/** What is told in the place of figures that could not be had. A figure is then `{ failed }`, with the reason. */

/** As a cell: limits as they are, reasons where they are listed. */
export const cell = ({ failed }) => (/^(> |not )/.test(failed) ? failed : "failed");

/** The reasons, each once and with who failed, from `[name, figures of that name]`. */
export function reasons(named) {
  const told = named.flatMap(([name, figures]) => figures
    .filter((figure) => figure?.failed && cell(figure) === "failed")
    .map(({ failed }) => `${name}: ${failed}`));
  return [...new Set(told)];
}
