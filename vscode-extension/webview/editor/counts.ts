/** Names with their counts and a bar for each, drawn to the largest. */
import type { Count } from "../../src/engine/overview.ts";
import { grouped } from "../../src/text.ts";
import { button, element } from "../shared/dom.ts";

const SVG = "http://www.w3.org/2000/svg";

export function drawCounts(table: HTMLTableElement, counts: Count[], none: string, pressed: (name: string) => void): void {
  if (counts.length === 0) {
    table.replaceChildren(element("tbody", {}, element("tr", {}, element("td", { class: "quiet" }, none))));
    return;
  }
  const most = Math.max(...counts.map(({ count }) => count));
  const rows = counts.map(({ name, count }) =>
    element(
      "tr",
      {},
      element("td", {}, button(name, { class: "link", title: "Query these" }, () => { pressed(name); })),
      element("td", { class: "number" }, grouped(count)),
      element("td", { class: "bar", "aria-hidden": "true" }, bar(count / most)),
    ),
  );
  table.replaceChildren(element("tbody", {}, ...rows));
}

function bar(share: number): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 100 8");
  svg.setAttribute("preserveAspectRatio", "none");
  const rect = document.createElementNS(SVG, "rect");
  rect.setAttribute("width", String(Math.max(1, share * 100)));
  rect.setAttribute("height", "8");
  svg.append(rect);
  return svg;
}
