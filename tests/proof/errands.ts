import { aPersonsLead } from "../support/people.ts";
import { SUPPLIERS, type SupplierName } from "./world.ts";

/** What a supplier is about to send, and what it may hear of it. */
export interface Errand {
  readonly kind: "new" | "again" | "suppressed" | "filtered" | "invalid" | "twice" | "replay";
  readonly supplier: SupplierName;
  readonly campaign: string;
  readonly isPinged: boolean;
  readonly idempotencyKey: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** Another person, whose lead is sent after it under the same key or token. */
  readonly other: Readonly<Record<string, unknown>> | undefined;
}

/** Of a hundred leads; the rest are of new people. `replay` sends a ping's token once more, `twice` a key with another body. */
const SHARES: readonly (readonly [Errand["kind"], number])[] = [
  ["again", 8],
  ["suppressed", 2],
  ["filtered", 3],
  ["invalid", 2],
  ["twice", 3],
  ["replay", 5],
];

const STATES = ["TX", "OK", "NM", "CA"];
/** People who may come again, of each campaign. */
const REMEMBERED = 50;

/** What suppliers send, in an order that the seed gives. `suppressed` are phones that are on the list by now. */
export function* errands(
  campaigns: readonly { id: string; isPinged: boolean }[],
  count: number,
  random: () => number,
  suppressed: readonly string[],
): Generator<Errand> {
  const known = new Map<string, Readonly<Record<string, unknown>>[]>();
  const anyOf = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
  for (let sent = 0; sent < count; sent++) {
    const { id: campaign, isPinged } = anyOf(campaigns);
    const supplier = anyOf(SUPPLIERS);
    const own = { flo_campaign_id: campaign, flo_supplier_id: supplier, state: anyOf(STATES), age: 40 };
    const { body: person, idempotencyKey = "" } = aPersonsLead(own);
    const drawn = kindOf(random() * 100);
    const people = known.get(campaign) ?? [];
    const isPossible =
      drawn === "again" ? people.length > 0 : drawn !== "suppressed" || suppressed.length > 0;
    const kind = isPossible ? drawn : "new";
    const body = changed(person, kind, { someone: anyOf(people), listed: anyOf(suppressed) });
    if (kind === "new") known.set(campaign, [...people.slice(1 - REMEMBERED), body]);
    const other = kind === "twice" || kind === "replay" ? aPersonsLead(own).body : undefined;
    yield { kind, supplier, campaign, isPinged, idempotencyKey, body, other };
  }
}

function kindOf(percentile: number): Errand["kind"] {
  let below = 0;
  for (const [kind, share] of SHARES) {
    below += share;
    if (percentile < below) return kind;
  }
  return "new";
}

function changed(
  person: Readonly<Record<string, unknown>>,
  kind: Errand["kind"],
  { someone, listed }: { someone: Readonly<Record<string, unknown>> | undefined; listed: string | undefined },
): Readonly<Record<string, unknown>> {
  switch (kind) {
    case "again":
      return { ...person, phone: `+1 ${String(someone?.["phone"])}`, email: someone?.["email"] };
    case "suppressed":
      return { ...person, phone: listed };
    case "filtered":
      return { ...person, age: 17 };
    case "invalid":
      return { ...person, phone: "12", age: "forty" };
    case "new":
    case "twice":
    case "replay":
      return person;
  }
}
