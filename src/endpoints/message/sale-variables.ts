import { fieldValue, isFieldName, type ValueOf, type VariableNames } from "./variables.ts";

/** A sold lead as its buyer may be told of it. Nothing of what the supplier is paid may ever be here. */
export interface SaleVariables {
  readonly leadId: string;
  readonly campaignId: string;
  readonly buyerId: string;
  readonly supplierId: string;
  readonly isTest: boolean;
  /** Decimal text, as in "40.00". */
  readonly price: string;
  /** ISO 4217. */
  readonly currency: string;
  /** RFC 3339. */
  readonly decidedAt: string;
  readonly fields: Readonly<Record<string, unknown>>;
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
const SALE_VALUES: Readonly<Record<string, (sale: SaleVariables) => unknown>> = {
  lead_id: (sale) => sale.leadId,
  campaign_id: (sale) => sale.campaignId,
  buyer_id: (sale) => sale.buyerId,
  supplier_id: (sale) => sale.supplierId,
  price: (sale) => sale.price,
  currency: (sale) => sale.currency,
  is_test: (sale) => sale.isTest,
  timestamp: (sale) => sale.decidedAt,
  "ping.id": (sale) => sale.ping?.id ?? "",
  "ping.reference": (sale) => sale.ping?.reference ?? "",
  "ping.price": (sale) => sale.ping?.price ?? "",
};

/** Finds what a template's names stand for: one of the sale's own values, else the lead's field. */
export function valuesOfSale(sale: SaleVariables): ValueOf {
  return (name) => {
    const value = Object.hasOwn(SALE_VALUES, name) ? SALE_VALUES[name] : undefined;
    return value === undefined ? fieldValue(sale.fields, name) : value(sale);
  };
}

/** The names that can stand for anything in what a buyer is sent. Without the known fields, any field's name may. */
export function saleVariableNames(knownFields: ReadonlySet<string> | undefined): VariableNames {
  return {
    of: "sale",
    has: (name) => Object.hasOwn(SALE_VALUES, name) || isFieldName(name, knownFields),
  };
}
