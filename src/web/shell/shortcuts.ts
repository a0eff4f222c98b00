import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { isTyping } from "#web/lists/typing.ts";
import { PLACES } from "./places.ts";

/** How long `g` waits for the letter of a place, in ms. */
const WAITS_MS = 5_000;

/** Out of a field, so that keys are commands again; in a dialog Escape closes that, and in a text Tab is what leaves it. */
function leaveField(target: EventTarget | null): void {
  if (target instanceof HTMLInputElement && target.closest('[role="dialog"]') === null) target.blur();
}

/** `g l` goes to the leads, and so on; `/` goes into the page's search, Escape out of it; `?` tells the keys. */
export function useShortcuts(tellKeys: () => void): void {
  const navigate = useNavigate();
  useEffect(() => {
    let startedAt = Number.NEGATIVE_INFINITY;
    const listen = (event: KeyboardEvent) => {
      if (event.key === "Escape") return leaveField(event.target);
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
      if (place !== undefined) void navigate({ to: place.to, search: {} });
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, [navigate]);
}
