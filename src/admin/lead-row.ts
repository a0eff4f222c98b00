import type { RecordedLead } from "#leads/lead-records.ts";
import { saleSummaries } from "#leads/sale.ts";
import { type Amount, formatAmount } from "#money/amount.ts";
import { leadIdOf } from "#text/ids.ts";

/** A lead as lists, exports and `leadgate tail` show it: nothing of the person is in it. */
export function leadRow(lead: RecordedLead) {
  const money = (amount: Amount | null) => (amount === null ? null : formatAmount(amount, lead.currency));
  return {
    id: leadIdOf(lead.id),
    status: lead.status,
    reason: lead.reason,
    campaign_id: lead.campaignId,
    supplier_id: lead.supplierId,
    buyer_id: lead.buyerId,
    is_test: lead.isTest,
    duplicate_of: lead.duplicateOf === null ? null : leadIdOf(lead.duplicateOf),
    price: money(lead.price),
    payout: money(lead.payout),
    currency: lead.currency,
    decided_at: new Date(lead.decidedAt).toISOString(),
    erased_at: lead.erasedAt === null ? null : new Date(lead.erasedAt).toISOString(),
    sales: lead.status === "PENDING" ? [] : saleSummaries(lead.sales, lead.currency, lead.decidedAt),
  };
}
