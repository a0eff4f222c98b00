import { type KeyboardEvent, useEffect, useState } from "react";
import { isTyping } from "./typing.ts";

interface KeyedList {
  /** How many rows there are. */
  count: number;
  /** Where the row is that is open; -1: none. */
  openPlace: number;
  open(place: number): void;
  /** Has a row seen, and the keys go to it. */
  show(place: number): void;
  /** How many rows are seen at once. */
  pageLength(): number;
}

export interface RowKeys {
  /** The row that the keys are at. */
  active: number;
  enter(place: number): void;
  open(place: number): void;
  press(event: KeyboardEvent): void;
}

/** What keys do in a list of rows: those of a row; j and k from anywhere, and Enter where nothing else takes it. */
export function useRowKeys({ count, openPlace, open, show, pageLength }: KeyedList): RowKeys {
  const [active, setActive] = useState(0);

  function go(to: number): void {
    const next = Math.max(0, Math.min(count - 1, to));
    setActive(next);
    show(next);
  }

  function goBeside(step: number): void {
    if (openPlace === -1) return go(active + step);
    const next = openPlace + step;
    if (next < 0 || next >= count) return;
    setActive(next);
    show(next);
    open(next);
  }

  useEffect(() => {
    const listen = (event: globalThis.KeyboardEvent) => {
      if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return;
      const step = event.key === "j" ? 1 : event.key === "k" ? -1 : 0;
      const isFree = event.target === document.body;
      if (step === 0 ? event.key !== "Enter" || !isFree : isTyping(event.target)) return;
      event.preventDefault();
      if (step === 0) open(active);
      else goBeside(step);
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  });

  return {
    active,
    enter: setActive,
    open(place) {
      setActive(place);
      open(place);
    },
    press(event) {
      const to = placeAfter(event.key, active, pageLength(), count);
      if (to !== undefined) go(to);
      else if (event.key === "Enter" || event.key === " ") open(active);
      else return;
      event.preventDefault();
    },
  };
}

/** Where a key goes; undefined: nowhere. */
function placeAfter(key: string, active: number, page: number, count: number): number | undefined {
  const places: Record<string, number> = {
    ArrowDown: active + 1,
    ArrowUp: active - 1,
    PageDown: active + page,
    PageUp: active - page,
    Home: 0,
    End: count - 1,
  };
  return places[key];
}
