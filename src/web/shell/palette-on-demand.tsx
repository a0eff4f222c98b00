import { createSpotlight, useSpotlight } from "@mantine/spotlight";
import { lazy, Suspense, useState } from "react";
import { loadPart } from "./load-part.ts";

/** Whether the palette is open, and what opens it. */
export const [paletteStore, palette] = createSpotlight();

const load = () => import("./palette.tsx");
const Palette = lazy(async () => ({ default: (await loadPart(load)).Palette }));

/** Loads the palette for somebody who is about to open it. */
export function loadPaletteAhead(): void {
  // What cannot be loaded now is asked for again when it is opened.
  load().catch(() => undefined);
}

/** The palette, which is loaded when it is opened first. */
export function PaletteOnDemand() {
  const { opened } = useSpotlight(paletteStore);
  const [wasOpened, setOpened] = useState(false);
  if (opened && !wasOpened) setOpened(true);
  return <Suspense>{wasOpened && <Palette store={paletteStore} />}</Suspense>;
}
