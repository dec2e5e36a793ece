// What a page holds for its script, in template elements.

import { setLooks, type Looks } from "./looks.ts";

export function held(id: string): string | null {
  const t = document.getElementById(id);
  return t instanceof HTMLTemplateElement ? (t.content.textContent ?? "") : null;
}

// readLooks takes the colours and marks of the figures.
export function readLooks(): void {
  setLooks(JSON.parse(held("player-looks") ?? "{}") as Looks);
}
