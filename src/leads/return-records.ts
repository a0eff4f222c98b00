import { type SQL, sql } from "drizzle-orm";
import { isOfBatch, uuidsIn } from "#database/batch.ts";
import { inWordsOf } from "#database/by-campaign-records.ts";
import { money, ms } from "#database/columns.ts";
import type { Queryable } from "#database/database.ts";
import { param, statement } from "#database/statement.ts";
import { amountOfTenThousandths } from "#money/amount.ts";
import { isoOf } from "#time/iso.ts";
import type { DecidedLead } from "./decided-lead.ts";
import type { LeadReturn, ReturnStatus } from "./return.ts";

type ReturnRow = Omit<LeadReturn, "amount"> & { amount: number };

const columns = sql`id::text as id, campaign_id as "campaignId", lead_id::text as "leadId", sale_id::text as "saleId",
  buyer_id as "buyerId", reason, note, status, ${money("amount")} as amount, currency, ${ms("asked_at")} as "askedAt",
  asked_by as "askedBy",
  ${ms("accept_at")} as "acceptAt", ${ms("decided_at")} as "decidedAt", decided_by as "decidedBy", decision_note as "decisionNote"`;

function returnOf({ amount, ...row }: ReturnRow): LeadReturn {
  return { ...row, amount: amountOfTenThousandths(amount) };
}

/** Puts a return on record that is to be decided. */
export async function insertReturn(tx: Queryable, asked: LeadReturn): Promise<void> {
  const { id, campaignId, leadId, saleId, buyerId, reason, note, amount, currency, askedBy } = asked;
  await insert.run(tx, {
    id,
    leadId,
    saleId,
    buyerId,
    reason,
    note,
    amount,
    currency,
    askedBy,
    campaign: campaignId,
    askedAt: isoOf(asked.askedAt),
    acceptAt: isoOf(asked.acceptAt),
  });
}

const insert = statement<
  unknown,
  Record<
    "id" | "campaign" | "leadId" | "saleId" | "buyerId" | "reason" | "currency" | "askedAt" | "askedBy",
    string
  > &
    Record<"note" | "acceptAt", string | null> & { amount: number }
>(
  "insert_return",
  "one campaign",
  ($) => sql`
      insert into returns (id, campaign_id, lead_id, sale_id, buyer_id, reason, note, status, amount, currency, asked_at, asked_by,
        accept_at)
      values (${$.id}::text::uuid, ${$.campaign}, ${$.leadId}::text::uuid, ${$.saleId}::text::uuid, ${$.buyerId}, ${$.reason}, ${$.note},
        'pending', ${$.amount}::text::numeric / 10000, ${$.currency}, ${$.askedAt}::timestamptz, ${$.askedBy},
        ${$.acceptAt}::timestamptz)`,
);

/** The return of a sale, if one was ever asked for. */
export async function findReturnOfSale(
  db: Queryable,
  { saleId, campaignId }: Pick<LeadReturn, "saleId" | "campaignId">,
): Promise<LeadReturn | undefined> {
  const [row] = await selectOfSale.run(db, { sale: saleId, campaign: campaignId });
  return row && returnOf(row);
}

const selectOfSale = statement<ReturnRow, { sale: string; campaign: string }>(
  "select_return_of_sale",
  "one campaign",
  ($) =>
    sql`select ${columns} from returns where sale_id = ${$.sale}::text::uuid and campaign_id = ${$.campaign}`,
);

export async function findReturn(db: Queryable, id: string): Promise<LeadReturn | undefined> {
  const [row] = await select.run(db, { id });
  return row && returnOf(row);
}

const select = statement<ReturnRow, { id: string }>(
  "select_return",
  "all campaigns",
  ($) => sql`select ${columns} from returns where id = ${$.id}::text::uuid`,
);

/** Which returns a list shows; what is null does not matter. */
export interface ReturnFilter {
  status: ReturnStatus | null;
  buyer: string | null;
  campaign: string | null;
}

/** Returns, the newest first, those before the return `before` (a UUID) only. */
export async function listReturns(
  db: Queryable,
  filter: ReturnFilter,
  before: string | null,
  limit: number,
): Promise<LeadReturn[]> {
  return (await selectPage.run(db, { ...filter, before, limit })).map(returnOf);
}

const CONDITIONS: Readonly<Record<keyof ReturnFilter | "before", SQL>> = {
  before: sql`id < ${param("before")}::text::uuid`,
  status: sql`status = ${param("status")}::text`,
  buyer: sql`buyer_id = ${param("buyer")}::text`,
  campaign: sql`campaign_id = ${param("campaign")}::text`,
};

const selectPage = statement<
  ReturnRow,
  Record<keyof ReturnFilter | "before", string | null> & { limit: number }
>(
  "select_returns",
  "all campaigns",
  ($) => sql`select ${columns} from returns
      where ${sql.join(
        Object.entries(CONDITIONS).map(
          ([name, condition]) => sql`(${param(name)}::text is null or ${condition})`,
        ),
        sql` and `,
      )}
      order by returns.id desc limit ${$.limit}::text::integer`,
);

/** What a buyer bought and gave back since a moment, for its share. Its returns are locked until the transaction ends. */
export async function lockShare(
  tx: Queryable,
  buyerId: string,
  since: Date,
): Promise<{ sales: number; returns: number }> {
  await lockBuyer.run(tx, { buyer: buyerId });
  const [row] = await selectShare.run(tx, { buyer: buyerId, since: since.toISOString() });
  return { sales: row?.sales ?? 0, returns: row?.returns ?? 0 };
}

const lockBuyer = statement<unknown, { buyer: string }>(
  "lock_returns_of_buyer",
  "unspread",
  ($) => sql`select 1 from buyers where id = ${$.buyer} for update`,
);

/** The hourly figures know how much was sold, tests left out: the sales themselves have no index by buyer. */
const selectShare = statement<{ sales: number; returns: number }, { buyer: string; since: string }>(
  "select_share_of_returns",
  "all campaigns",
  ($) => sql`
      select (select coalesce(sum(sales), 0)::int from figures
          where buyer_id = ${$.buyer}::text and hour >= ${$.since}::timestamptz) as sales,
        (select count(*)::int from returns r
          join sales s on s.lead_id = r.lead_id and s.campaign_id = r.campaign_id and s.id = r.sale_id
          where r.buyer_id = ${$.buyer}::text and r.asked_at >= ${$.since}::timestamptz and r.status <> 'rejected'
            and not s.is_test) as returns`,
);

/**
 * Locks the lead of a return, whose erasure waits, or is waited for: whether free text may be kept about it. Once its person was erased
 * nobody would look for that any more.
 */
export async function lockForNotes(
  tx: Queryable,
  { leadId, campaignId }: Pick<LeadReturn, "leadId" | "campaignId">,
): Promise<boolean> {
  const [lead] = await lockLead.run(tx, { lead: leadId, campaign: campaignId });
  return lead?.isErased === false;
}

const lockLead = statement<{ isErased: boolean }, { lead: string; campaign: string }>(
  "lock_lead_of_return",
  "one campaign",
  ($) => sql`select erased_at is not null as "isErased" from leads
      where id = ${$.lead}::text::uuid and campaign_id = ${$.campaign} for update`,
);

/** Says of a return that is still pending that it was rejected. False: it was decided already. */
export async function rejectReturn(
  tx: Queryable,
  { id, campaignId }: Pick<LeadReturn, "id" | "campaignId">,
  by: string,
  note: string | null,
  now: Date,
): Promise<boolean> {
  const rows = await reject.run(tx, { id, campaign: campaignId, by, note, at: now.toISOString() });
  return rows.length > 0;
}

const reject = statement<
  unknown,
  { id: string; campaign: string; by: string; note: string | null; at: string }
>(
  "reject_return",
  "one campaign",
  (
    $,
  ) => sql`update returns set status = 'rejected', decided_at = ${$.at}::timestamptz, decided_by = ${$.by}, decision_note = ${$.note}
      where id = ${$.id}::text::uuid and campaign_id = ${$.campaign} and status = 'pending' returning true`,
);

/** A return (a UUID) that is to be accepted because nobody decided it. `dueAt`: since when, in ms since 1970. */
export interface DueReturn {
  id: string;
  dueAt: number;
}

/** The returns that nobody decided by `now`: what is due longest first, behind `after`. */
export async function selectDueReturns(
  db: Queryable,
  now: Date,
  after: DueReturn | undefined,
  limit: number,
): Promise<DueReturn[]> {
  const asked = { now: now.toISOString(), after: after?.id ?? null, dueAt: isoOf(after?.dueAt ?? null) };
  return await selectDue.run(db, { ...asked, limit });
}

const selectDue = statement<
  DueReturn,
  { now: string; after: string | null; dueAt: string | null; limit: number }
>(
  "select_due_returns",
  "all campaigns",
  ($) => sql`select id::text as id, ${ms("accept_at")} as "dueAt" from returns
      where status = 'pending' and accept_at <= ${$.now}::timestamptz
        and (${$.after}::text is null or (accept_at, id) > (${$.dueAt}::timestamptz, ${$.after}::text::uuid))
      order by accept_at, id limit ${$.limit}::text::integer`,
);

/**
 * Accepts the returns by which sales of a batch's leads are undone.
 *
 * @throws where one of them is not to be decided any more: then its sale must not be undone.
 */
export async function acceptReturns(db: Queryable, leads: readonly DecidedLead[], at: string): Promise<void> {
  const rows = leads.flatMap(({ lead, prior }) =>
    prior === null || prior.returnId === null
      ? []
      : [{ campaign: lead.campaignId, id: prior.returnId, by: prior.by }],
  );
  if (rows.length === 0) return;
  const accepted = await accept.run(db, { rows: JSON.stringify(rows), at });
  if (accepted.length < rows.length) throw new Error("a return that is to be accepted is decided already");
}

const accept = inWordsOf((dialect) =>
  statement<unknown, { rows: string; at: string }>(
    "accept_returns",
    "named campaigns",
    (
      $,
    ) => sql`update returns r set status = 'accepted', decided_at = ${$.at}::timestamptz, decided_by = row.by
      from json_to_recordset(${$.rows}::text::json) as row (campaign text, id uuid, by text)
      where r.id = row.id and r.campaign_id = row.campaign and r.id = any (${uuidsIn("id")}) and r.status = 'pending'
        ${isOfBatch("r.campaign_id", dialect)}
      returning r.id`,
  ),
);
