/** A node's fields for reading. */
import type { Data, Value } from "pluresdb";
import { element } from "../page/dom.ts";
import { toText } from "./json.ts";

export function drawFields(data: Data): HTMLElement {
  const list = element("dl", { class: "fields" });
  for (const [name, value] of Object.entries(data)) {
    list.append(element("dt", {}, name), element("dd", { "data-field": name }, drawValue(value)));
  }
  return list;
}

function drawValue(value: Value): HTMLElement {
  if (typeof value === "string") return element("span", {}, value);
  if (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string")) {
    return element("ul", {}, ...value.map((item) => element("li", {}, item)));
  }
  return element("code", {}, toText(value));
}
