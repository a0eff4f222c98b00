import { createContext, useContext, useSyncExternalStore } from "react";
import { goTo, type PagePath, pathBelow, visits, type Words, wordsOf } from "./visits.ts";

/** A place in the console. */
export interface Here {
  path: string;
  words: Words;
}

let heard = visits.location;
let here = hereOf(heard);

function hereOf({ pathname, search }: typeof heard): Here {
  return { path: pathBelow(pathname), words: wordsOf(search) };
}

/** The same one until the browser goes elsewhere. */
function hereNow(): Here {
  if (heard !== visits.location) {
    heard = visits.location;
    here = hereOf(heard);
  }
  return here;
}

/** Where the browser is. */
export function useHere(): Here {
  return useSyncExternalStore(visits.subscribe, hereNow);
}

/** Where the page that is shown is: the browser may be ahead of it, while the next one is loaded. */
export const ShownHere = createContext<Here>({ path: "/", words: {} });

/** What the address says beside the path, and a way to say something else there; undefined or "" takes a word out. */
export function useAddress(): {
  said: Words;
  say(words: Words, replace?: boolean): void;
} {
  return { said: useContext(ShownHere).words, say };
}

function say(words: Words, replace = false): void {
  const { path, words: said } = hereNow();
  goTo(path as PagePath, { ...said, ...words }, { replace });
}
