import {
  currency,
  flag,
  listOf,
  money,
  moneyOrNull,
  named,
  objectOf,
  text,
  textOrNull,
  time,
  timeOrNull,
  wordOf,
} from "#http/schema.ts";
import type { RecordedLead } from "#leads/lead-records.ts";
import { SALE_STATUSES, saleSummaries } from "#leads/sale.ts";
import { RECORD_STATUSES } from "#leads/status.ts";
import { type Amount, formatAmount } from "#money/amount.ts";
import { leadIdOf } from "#text/ids.ts";
import { isoOf } from "#time/iso.ts";

/** A lead as lists, exports and `leadgate tail` show it: nothing of the person is in it. */
export function leadRow(lead: RecordedLead) {
  const written = (amount: Amount | null) => (amount === null ? null : formatAmount(amount, lead.currency));
  return {
    id: leadIdOf(lead.id),
    status: lead.status,
    reason: lead.reason,
    campaign_id: lead.campaignId,
    supplier_id: lead.supplierId,
    buyer_id: lead.buyerId,
    is_test: lead.isTest,
    duplicate_of: lead.duplicateOf === null ? null : leadIdOf(lead.duplicateOf),
    price: written(lead.price),
    payout: written(lead.payout),
    currency: lead.currency,
    decided_at: isoOf(lead.decidedAt),
    erased_at: isoOf(lead.erasedAt),
    sales: saleSummaries([...lead.sales, ...lead.former], lead.currency),
  };
}

const SALE_ON_RECORD = named(
  "SaleOnRecord",
  objectOf({
    id: text,
    buyer_id: text,
    place: {
      type: "integer",
      minimum: 1,
      description: "In the order in which the lead's buyers were chosen.",
    },
    price: money,
    payout: money,
    currency,
    status: wordOf(SALE_STATUSES, "Refused: its buyer said no to it after it was sold, and is not billed."),
    sold_at: time,
  }),
);

/** The shape of a row. */
export const LEAD_ROW = {
  id: text,
  status: wordOf(
    RECORD_STATUSES,
    "PENDING: a buyer is being asked about it. HELD: put aside until a person decides.",
  ),
  reason: { ...textOrNull, description: "The one word for why it ended so." },
  campaign_id: text,
  supplier_id: text,
  buyer_id: textOrNull,
  is_test: flag,
  duplicate_of: textOrNull,
  price: { ...moneyOrNull, description: "What all its buyers pay together." },
  payout: moneyOrNull,
  currency,
  decided_at: time,
  erased_at: {
    ...timeOrNull,
    description: "When everything that told who the person is was taken out of it.",
  },
  sales: listOf(
    SALE_ON_RECORD,
    "Whom it was sold to, the first that stands being buyer_id; also those whose sale was undone.",
  ),
};

export const LEAD_SUMMARY = named("LeadSummary", objectOf(LEAD_ROW));

/** Each buyer, with why it was passed over. */
export const BUYERS_OF_TRACE = listOf({
  ...objectOf({}, { buyer_id: text, chosen: { const: true }, reason: text }),
  additionalProperties: true,
});

/** The shape of a line of the trace. */
export const TRACE_LINE = named("TraceLine", {
  ...objectOf(
    { check: text, result: wordOf(["passed", "ended"]) },
    {
      detail: { type: "object" },
      method: text,
      buyers: BUYERS_OF_TRACE,
    },
  ),
  additionalProperties: true,
  description: "What one check found. The line `buyers` names why each buyer was passed over.",
});
