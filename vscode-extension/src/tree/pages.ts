/** How much of each long list is shown: a page at first, one more at each ask. */

export const PAGE = 100;

export class Pages {
  readonly #shown = new Map<string, number>();
  readonly #pinned = new Map<string, Set<string>>();

  /** How many children of this element are shown. */
  shown(id: string): number {
    return this.#shown.get(id) ?? PAGE;
  }

  more(id: string): void {
    this.#shown.set(id, this.shown(id) + PAGE);
  }

  /** Shows this child in any case, however far down the list it is. */
  pin(id: string, child: string): void {
    const pinned = this.#pinned.get(id) ?? new Set();
    this.#pinned.set(id, pinned.add(child));
  }

  pinned(id: string): string[] {
    return [...(this.#pinned.get(id) ?? [])];
  }

  /** Forgets elements whose id begins so: those of a database that was closed. */
  forget(prefix: string): void {
    for (const kept of [this.#shown, this.#pinned]) {
      for (const id of kept.keys()) {
        if (id === prefix || id.startsWith(`${prefix}|`)) kept.delete(id);
      }
    }
  }
}
