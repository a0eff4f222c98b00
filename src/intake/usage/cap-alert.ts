import type { Alert } from "#handover/alert.ts";
import type { ReachedCap } from "#leads/trace.ts";
import { amountOfTenThousandths, formatAmount } from "#money/amount.ts";

/** Whose cap it is. */
export type CapHolder = Record<"campaign_id" | "buyer_id" | "supplier_id", string | null>;

interface Limit extends ReachedCap {
  /** When its period began, in ms since 1970; null: it has no beginning. */
  start: number | null;
  /** Leads, or ten-thousandths of money. */
  limit: number;
  currency: string;
}

/** What operators hear of a cap that has no room for another lead: once in each of its periods. */
export function capReached(party: CapHolder, { period, unit, start, limit: units, currency }: Limit): Alert {
  const limit = unit === "leads" ? units : formatAmount(amountOfTenThousandths(units), currency);
  const whose = Object.values(party).map((id) => id ?? "");
  return {
    event: "cap.reached",
    key: ["cap.reached", ...whose, period, unit, limit, start].join(":"),
    campaignId: party.campaign_id,
    data: {
      ...party,
      period,
      since: start === null ? null : new Date(start).toISOString(),
      unit,
      limit,
      currency: unit === "leads" ? null : currency,
    },
  };
}
