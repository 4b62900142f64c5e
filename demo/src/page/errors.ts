/** Errors as sentences, and the banner that shows them until they are dismissed. */
import { button, byId, element } from "./dom.ts";

/** The error's message, with its code in front where it has one. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error && typeof error.code === "string" ? error.code : null;
  return code === null || error.message.startsWith(code) ? error.message : `${code}: ${error.message}`;
}

export function wasAborted(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

/** Shows an error in the banner. The same text is shown once, however often it happens. */
export function showError(doing: string, error: unknown): void {
  console.error(doing, error);
  const banner = byId("errors", HTMLDivElement);
  const text = `${doing}: ${describe(error)}`;
  const shown = Array.from(banner.children).some((line) => line.firstChild?.textContent === text);
  if (shown) return;
  const line = element("p", {}, element("span", {}, text));
  line.append(button("Dismiss", {}, () => { line.remove(); }));
  banner.append(line);
}

/** What nobody caught must be seen too. */
export function showUncaught(): void {
  addEventListener("error", (event) => { showError("The page failed", event.error ?? event.message); });
  addEventListener("unhandledrejection", (event) => { showError("The page failed", event.reason); });
}
