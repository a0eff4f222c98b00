import { CHECK_PREFIX } from "#text/checked-name.ts";
import {
  dayIn,
  type FieldKinds,
  type OwnValue,
  type TemplateValues,
  templateValues,
  type VariableNames,
  variableNames,
} from "./variables.ts";

/** A sold lead as its buyer may be told of it. Nothing of what the supplier is paid may ever be here. */
export interface SaleVariables {
  readonly leadId: string;
  readonly campaignId: string;
  readonly campaignName: string;
  readonly buyerId: string;
  readonly supplierId: string;
  readonly isTest: boolean;
  /** Decimal text, as in "40.00". */
  readonly price: string;
  /** ISO 4217. */
  readonly currency: string;
  /** RFC 3339. */
  readonly decidedAt: string;
  /** When the lead came, RFC 3339. */
  readonly receivedAt: string;
  /** As it is shown: `sale_…`. */
  readonly saleId: string;
  /** Of the campaign, IANA. */
  readonly timezone: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** What others found about the lead, by `check.<id>.<value>`; absent: nothing. */
  readonly checked?: Readonly<Record<string, string>>;
  /** How the campaign calls its fields, by their names. */
  readonly labels: ReadonlyMap<string, string>;
  /** The ping by whose answer the buyer got the lead; null: it was not asked for a bid. */
  readonly ping: AnsweredPing | null;
}

export interface AnsweredPing {
  /** As the buyer was told it; null when it is not known any more. */
  readonly id: string | null;
  /** The buyer's own word for its bid. */
  readonly reference: string | null;
  /** The bid, as decimal text. */
  readonly price: string;
}

/** The values that a template can name, other than the lead's fields; without a ping, those of the ping are empty texts. */
const SALE_VALUES: Readonly<Record<string, OwnValue<SaleVariables>>> = {
  lead_id: { kind: "text", of: (sale) => sale.leadId },
  sale_id: { kind: "text", of: (sale) => sale.saleId },
  campaign_id: { kind: "text", of: (sale) => sale.campaignId },
  campaign_name: { kind: "text", of: (sale) => sale.campaignName },
  buyer_id: { kind: "text", of: (sale) => sale.buyerId },
  supplier_id: { kind: "text", of: (sale) => sale.supplierId },
  price: { kind: "number", of: (sale) => sale.price },
  currency: { kind: "text", of: (sale) => sale.currency },
  is_test: { kind: "boolean", of: (sale) => sale.isTest },
  timestamp: { kind: "datetime", of: (sale) => sale.decidedAt },
  now: { kind: "datetime", of: (sale) => sale.decidedAt },
  today: { kind: "date", of: (sale) => dayIn(sale.decidedAt, sale.timezone) },
  received_at: { kind: "datetime", of: (sale) => sale.receivedAt },
  "ping.id": { kind: "text", of: (sale) => sale.ping?.id ?? "" },
  "ping.reference": { kind: "text", of: (sale) => sale.ping?.reference ?? "" },
  "ping.price": { kind: "number", of: (sale) => sale.ping?.price ?? "" },
};

/** What a template's names stand for: one of the sale's own values, what a check found, else the lead's field. */
export function valuesOfSale(sale: SaleVariables): TemplateValues {
  const values = templateValues(SALE_VALUES, sale);
  // A supplier may send a field of any name, and is not to speak for a check.
  return {
    ...values,
    of: (name) => (name.startsWith(CHECK_PREFIX) ? sale.checked?.[name] : values.of(name)),
  };
}

/** The names that can stand for anything in what a buyer is sent. Without the known fields, any field's name may. */
export function saleVariableNames(fields: FieldKinds | undefined): VariableNames {
  return variableNames("sale", SALE_VALUES, fields);
}
