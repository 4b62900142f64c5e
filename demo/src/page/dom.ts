/** The few words the page needs to speak to its document. */

type Content = Node | string;
type Attributes = Record<string, string | boolean>;

/** The element of `index.html` with this id; missing or of another kind is a broken build. */
export function byId<E extends HTMLElement>(id: string, kind: new () => E): E {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${kind.name} with id ${id}`);
  return found;
}

/** A new element; an attribute that is `false` is left out, one that is `true` is set without a value. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...content: Content[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...content);
  return made;
}

/** A button that does one thing. */
export function button(text: string, attributes: Attributes, onClick: () => void): HTMLButtonElement {
  const made = element("button", { type: "button", ...attributes }, text);
  made.addEventListener("click", onClick);
  return made;
}

/** Sets the text only where it differs, so that live regions speak once. */
export function setText(target: HTMLElement, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

/** Shows a text in an element that is hidden without one. */
export function showOrHide(target: HTMLElement, text: string | null): void {
  setText(target, text ?? "");
  target.hidden = text === null;
}
