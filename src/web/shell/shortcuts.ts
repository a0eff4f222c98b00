import { useEffect } from "react";
import { goTo } from "#web/address/visits.ts";
import { isTyping } from "#web/lists/typing.ts";
import { loadPaletteAhead, palette, paletteStore } from "./palette-on-demand.tsx";
import { PLACES } from "./places.ts";

/** How long `g` waits for the letter of a place, in ms. */
const WAITS_MS = 5_000;

/** Out of a field, so that keys are commands again; in a dialog Escape closes that, and in a text Tab is what leaves it. */
function leaveField(target: EventTarget | null): void {
  if (target instanceof HTMLInputElement && target.closest('[role="dialog"]') === null) target.blur();
}

/**
 * ⌘K opens the palette, from anywhere; `g l` goes to the leads, and so on; `/` goes into the page's search, Escape out of it; `?` tells the
 * keys.
 */
export function useShortcuts(tellKeys: () => void): void {
  useEffect(() => {
    let startedAt = Number.NEGATIVE_INFINITY;
    const listen = (event: KeyboardEvent) => {
      if (event.key === "Escape") return leaveField(event.target);
      if (event.key === "Meta" || event.key === "Control") return loadPaletteAhead();
      if (event.key.toLowerCase() === "k" && isWithCommand(event)) {
        event.preventDefault();
        return palette.open();
      }
      // What is typed meanwhile is meant for the palette.
      if (paletteStore.getState().opened) return;
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
      if (event.key === "/") {
        const search = document.querySelector<HTMLInputElement>("[data-search]");
        if (search === null) return;
        event.preventDefault();
        search.focus();
        return;
      }
      if (event.key === "?") return tellKeys();
      if (event.key === "g") {
        startedAt = event.timeStamp;
        return;
      }
      if (event.timeStamp - startedAt > WAITS_MS) return;
      startedAt = Number.NEGATIVE_INFINITY;
      const place = PLACES.find(({ key }) => key === event.key);
      if (place !== undefined) goTo(place.to);
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
}

/** ⌘ on a Mac, else Ctrl, and no other such key. */
function isWithCommand({ metaKey, ctrlKey, altKey, shiftKey }: KeyboardEvent): boolean {
  return metaKey !== ctrlKey && !altKey && !shiftKey;
}
