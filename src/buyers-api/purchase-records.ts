import { type SQL, sql } from "drizzle-orm";
import { money, ms } from "#database/columns.ts";
import type { Queryable } from "#database/database.ts";
import { arrayText, param, type Statement, statement } from "#database/statement.ts";
import type { SentText } from "./sent-fields.ts";

/** A lead that a buyer bought. Ids are UUIDs, times in ms since 1970. */
export interface Purchase {
  /** Of the lead. */
  id: string;
  saleId: string;
  campaignId: string;
  status: "sold" | "refused" | "returned";
  /** In ten-thousandths. */
  price: number;
  currency: string;
  isTest: boolean;
  soldAt: number;
  erasedAt: number | null;
  /** What was understood of it, as JSON. */
  fields: string;
  /** What the buyer was sent of it; null: nothing. */
  sent: SentText | null;
}

/** Which purchases a list shows; what is null does not matter. */
export interface PurchaseFilter {
  campaign: string | null;
  status: Purchase["status"] | null;
  /** Sold at or after this moment, ISO 8601. */
  since: string | null;
  /** Sold before this moment. */
  until: string | null;
  /** Of these leads (UUIDs) alone. */
  leads: readonly string[] | null;
}

type Asked = { buyer: string; limit: number } & Record<keyof PurchaseFilter | "before", string | null>;

type PurchaseRow = Omit<Purchase, "sent"> & { contentType: string | null; body: string | null };

const columns = sql`s.lead_id::text as id, s.id::text as "saleId", s.campaign_id as "campaignId", s.status,
  ${money("s.price")} as price, s.currency, s.is_test as "isTest", ${ms("s.sold_at")} as "soldAt",
  ${ms("l.erased_at")} as "erasedAt", l.fields::text as fields, sent.content_type as "contentType", sent.body`;

const joined = sql`join leads l on l.id = s.lead_id and l.campaign_id = s.campaign_id
  left join lateral (
    select d.content_type, d.body from deliveries d
    where d.lead_id = s.lead_id and d.campaign_id = s.campaign_id and d.recipient = 'buyer:' || s.buyer_id
      and d.event = 'lead.accepted'
    order by d.id desc limit 1) as sent on true`;

/** What was reserved for a buyer, and what it declined, it has not bought. */
const bought = sql`s.buyer_id = ${param("buyer")}::text and s.status in ('sold', 'refused', 'returned')`;

/** A buyer's purchases, the newest leads first, those before the lead `before` (a UUID) only. */
export async function listPurchases(
  db: Queryable,
  buyer: string,
  filter: PurchaseFilter,
  before: string | null,
  limit: number,
): Promise<Purchase[]> {
  const leads = filter.leads && arrayText(filter.leads);
  const asked = { ...filter, leads, buyer, before, limit };
  return (await selectBy(asked).run(db, asked)).map(purchaseOf);
}

/** What a buyer bought of a lead (a UUID); undefined when it never did. */
export async function findPurchase(
  db: Queryable,
  buyer: string,
  lead: string,
): Promise<Purchase | undefined> {
  const [row] = await selectPurchase.run(db, { buyer, lead });
  return row && purchaseOf(row);
}

function purchaseOf({ contentType, body, ...row }: PurchaseRow): Purchase {
  return { ...row, sent: contentType === null || body === null ? null : { contentType, body } };
}

const selectPurchase = statement<PurchaseRow, { buyer: string; lead: string }>(
  "select_purchase",
  "all campaigns",
  ($) => sql`select ${columns} from sales s ${joined}
      where s.lead_id = ${$.lead}::text::uuid and ${bought} order by s.id desc limit 1`,
);

const CONDITIONS: Readonly<Record<keyof PurchaseFilter | "before", SQL>> = {
  before: sql`s.lead_id < ${param("before")}::text::uuid`,
  campaign: sql`s.campaign_id = ${param("campaign")}::text`,
  status: sql`s.status = ${param("status")}::text`,
  since: sql`s.sold_at >= ${param("since")}::timestamptz`,
  until: sql`s.sold_at < ${param("until")}::timestamptz`,
  leads: sql`s.lead_id = any (${param("leads")}::text::uuid[])`,
};
const SETTINGS = Object.keys(CONDITIONS) as (keyof typeof CONDITIONS)[];

const statements = new Map<string, Statement<PurchaseRow, Asked>>();

/**
 * The list with only what is asked of it: with every setting behind "or" it is planned to read the whole table. There is no index by
 * buyer, which would cost each sale a third of its insert; sales are walked in the order of their leads, the newest first.
 */
function selectBy(asked: Asked): Statement<PurchaseRow, Asked> {
  const given = SETTINGS.filter((name) => asked[name] !== null);
  const name = ["select_purchases", ...given].join("_");
  const known = statements.get(name);
  if (known !== undefined) return known;
  const conditions = [bought, ...given.map((each) => CONDITIONS[each])];
  const made = statement<PurchaseRow, Asked>(
    name,
    asked.campaign === null ? "all campaigns" : "one campaign",
    sql`select ${columns} from sales s ${joined} where ${sql.join(conditions, sql` and `)}
      order by s.lead_id desc limit ${param("limit")}::text::integer`,
  );
  statements.set(name, made);
  return made;
}
