/** What is known of a sold lead when its buyer is told. Nothing of what the supplier is paid may ever be here. */
export interface SaleFacts {
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
}

/** What a template can name beside the lead's fields. */
const SALE_VALUES: Readonly<Record<string, (sale: SaleFacts) => unknown>> = {
  lead_id: (sale) => sale.leadId,
  campaign_id: (sale) => sale.campaignId,
  buyer_id: (sale) => sale.buyerId,
  supplier_id: (sale) => sale.supplierId,
  price: (sale) => sale.price,
  currency: (sale) => sale.currency,
  is_test: (sale) => sale.isTest,
  timestamp: (sale) => sale.decidedAt,
};

const FIELD_PREFIX = "fields.";

/**
 * The value that a template's `{name}` stands for: one of the sale's own names, else the lead's field. A field that has the
 * name of one of those, such as a house's `price`, is `{fields.price}`. Undefined when the lead has no such value.
 */
export function saleValue(sale: SaleFacts, name: string): unknown {
  if (Object.hasOwn(SALE_VALUES, name)) return SALE_VALUES[name]?.(sale);
  const field = fieldNamed(name);
  return Object.hasOwn(sale.fields, field) ? (sale.fields[field] ?? undefined) : undefined;
}

/** Whether `{name}` can stand for anything. Without the known fields, any field's name may. */
export function isSaleName(name: string, knownFields: ReadonlySet<string> | undefined): boolean {
  return Object.hasOwn(SALE_VALUES, name) || knownFields === undefined || knownFields.has(fieldNamed(name));
}

function fieldNamed(name: string): string {
  return name.startsWith(FIELD_PREFIX) ? name.slice(FIELD_PREFIX.length) : name;
}
