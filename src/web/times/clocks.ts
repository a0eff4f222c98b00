import { createContext, useContext } from "react";

/** A clock by which a time is told too, on hovering: whose it is, and its time zone. */
export interface PartyClock {
  whose: string;
  zone: string;
}

/** The visitor's own clock in the portal, and none in the console. */
export const OwnClock = createContext<readonly PartyClock[]>([]);

/** Where each buyer and supplier of the document is, by `buyer ID` and `supplier ID`. */
export const PartyZones = createContext<ReadonlyMap<string, string>>(new Map());

/** Whom a row is about. */
export interface OfParties {
  buyer_id?: string | null;
  supplier_id?: string | null;
}

/** The clocks of those whom something is about, as far as they are known. */
export function useClocksOf({ buyer_id, supplier_id }: OfParties): readonly PartyClock[] {
  const zones = useContext(PartyZones);
  return [
    ["buyer", buyer_id],
    ["supplier", supplier_id],
  ].flatMap(([kind, id]) => {
    const zone = zones.get(`${kind} ${id}`);
    return zone === undefined ? [] : [{ whose: id ?? "", zone }];
  });
}

type Placed = readonly { id: string; timezone?: string }[];

/** A buyer's clock is UTC where it has none; a supplier's is that of each campaign then, and is not told. */
export function zonesOf(document: { buyers: Placed; suppliers: Placed }): ReadonlyMap<string, string> {
  const buyers = document.buyers.map(({ id, timezone = "UTC" }) => [`buyer ${id}`, timezone] as const);
  const suppliers = document.suppliers.flatMap(({ id, timezone }) =>
    timezone === undefined ? [] : [[`supplier ${id}`, timezone] as const],
  );
  return new Map([...buyers, ...suppliers]);
}

/** All of a time: in the viewer's zone, by the clocks of others where they show something else, and as the API has it. */
export function wholeTime(at: string, clocks: readonly PartyClock[]): string {
  const date = new Date(at);
  const own = formatIn(undefined).format(date);
  const others = clocks
    .map(({ whose, zone }) => [whose, zone, formatIn(zone).format(date)] as const)
    .filter(([, , text]) => text !== own)
    .map(([whose, zone, text]) => `${whose} (${zone}): ${text}`);
  return [own, ...others, at].join("\n");
}

const formats = new Map<string | undefined, Intl.DateTimeFormat>();

function formatIn(timeZone: string | undefined): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long", timeZone });
    formats.set(timeZone, format);
  }
  return format;
}
