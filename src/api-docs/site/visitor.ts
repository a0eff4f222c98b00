/** For whom a page is written. Suppliers are never led to what operators do. */
export type Readers = "suppliers" | "buyers" | "operators";

/** Who looks at a page, as far as the address says it: the holder of a signed link keeps it from page to page. */
export interface Visitor {
  /** Of the link, with its question mark; empty without one. */
  query: string;
  /** The campaign that the link is of. */
  campaign: string | undefined;
  /** Whom the link was made for; undefined: anybody, or no link. */
  reader: "supplier" | "buyer" | undefined;
}

const LINK_NAMES = ["campaign", "supplier", "buyer", "expires", "signature"];

/** By the query of the request. It is not checked here: what it opens is each page's own to decide. */
export function visitorOf(request: Request, ofCampaign?: string): Visitor {
  const asked = new URL(request.url).searchParams;
  if (!asked.has("signature")) return { query: "", campaign: undefined, reader: undefined };
  const campaign = ofCampaign ?? asked.get("campaign") ?? undefined;
  const kept = new URLSearchParams();
  for (const name of LINK_NAMES) {
    const value = name === "campaign" ? campaign : asked.get(name);
    if (value !== undefined && value !== null) kept.set(name, value);
  }
  const isBuyers = asked.has("buyer") && !asked.has("supplier");
  return { query: `?${kept}`, campaign, reader: isBuyers ? "buyer" : "supplier" };
}

/** Whose documents a request names by `?for=`; suppliers' when it names nobody known. */
export function readersNamed(request: Request): Readers {
  const named = new URL(request.url).searchParams.get("for");
  return named === "buyers" || named === "operators" ? named : "suppliers";
}
