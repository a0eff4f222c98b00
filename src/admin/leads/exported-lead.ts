import type { LeadFields } from "#leads/lead-fields-records.ts";
import type { RecordedLead } from "#leads/lead-records.ts";
import { saleSummaries } from "#leads/sale.ts";
import { sum } from "#money/amount.ts";
import { leadRow } from "./lead-row.ts";

/** A lead as it is exported. */
export interface ExportedLead {
  lead: RecordedLead;
  fields: LeadFields;
}

/** A lead as one buyer has it: what that buyer pays, and the payout of its sale. */
export function asBoughtBy(lead: RecordedLead, buyerId: string): RecordedLead {
  const own = lead.sales.filter((sale) => sale.buyerId === buyerId);
  return {
    ...lead,
    buyerId: own.length === 0 ? null : buyerId,
    price: own.length === 0 ? null : sum(own.map(({ price }) => price)),
    payout: own.length === 0 ? null : sum(own.map(({ payout }) => payout)),
    sales: own,
    former: lead.former.filter((sale) => sale.buyerId === buyerId),
  };
}

/** What is shown of a lead in one line: its sales are as many as its buyers. */
export function leadColumns(lead: RecordedLead) {
  const { sales: _, ...columns } = leadRow(lead);
  return columns;
}

/** A line for each sale of a lead, undone ones included: its buyer, its price and payout as agreed, and how it stands. */
export function saleColumns(lead: RecordedLead) {
  const columns = leadColumns(lead);
  return saleSummaries([...lead.sales, ...lead.former], lead.currency).map(
    ({ id, place, buyer_id, price, payout, status, sold_at }) => ({
      ...columns,
      buyer_id,
      price,
      payout,
      sale_id: id,
      place,
      sale_status: status,
      sold_at,
    }),
  );
}

const NO_LEAD: RecordedLead = {
  id: "00000000-0000-7000-8000-000000000000",
  campaignId: "",
  supplierId: "",
  status: "REJECTED",
  reason: null,
  buyerId: null,
  isTest: false,
  duplicateOf: null,
  price: null,
  payout: null,
  currency: "USD",
  decidedAt: 0,
  firstDecidedAt: 0,
  erasedAt: null,
  sales: [],
  former: [],
};

/** The names of what is shown of every lead, in their order. */
export const LEAD_COLUMNS: readonly string[] = Object.keys(leadColumns(NO_LEAD));

/** The same of every sale. */
export const SALE_COLUMNS: readonly string[] = [
  ...LEAD_COLUMNS,
  "sale_id",
  "place",
  "sale_status",
  "sold_at",
];
