import { sql } from "drizzle-orm";
import { campaignByCampaign, campaignsOfLeads } from "#database/by-campaign-records.ts";
import type { Queryable } from "#database/database.ts";
import { arrayText, statement } from "#database/statement.ts";
import { amountOfTenThousandths } from "#money/amount.ts";
import type { Feedback, ReportedLead } from "./feedback.ts";

/** Locks the lead (a UUID): its erasure waits, or is waited for. */
export async function lockReportedLead(tx: Queryable, id: string): Promise<ReportedLead | undefined> {
  const [lead] = await lock.run(tx, { id });
  return (
    lead && {
      ...lead,
      buyerIds: JSON.parse(lead.buyerIds) as string[],
      fields: JSON.parse(lead.fields) as Readonly<Record<string, unknown>>,
      price: amountOfTenThousandths(lead.price),
    }
  );
}

interface LockedRow extends Omit<ReportedLead, "buyerIds" | "fields" | "price"> {
  buyerIds: string;
  fields: string;
  price: number;
}

const lock = campaignByCampaign(
  (narrow) =>
    statement<LockedRow, { id: string }>(
      "lock_reported_lead",
      "all campaigns",
      (
        $,
      ) => sql`select id::text as id, campaign_id as "campaignId", supplier_id as "supplierId", status, currency, is_test as "isTest",
        erased_at is not null as "isErased", fields::text as fields,
        (select coalesce(sum(s.price) * 10000, 0)::float8 from sales s
          where s.lead_id = l.id and s.campaign_id = l.campaign_id${narrow("s.campaign_id")} and s.status = 'sold') as price,
        (select coalesce(json_agg(s.buyer_id order by s.place), '[]')::text from sales s
          where s.lead_id = l.id and s.campaign_id = l.campaign_id${narrow("s.campaign_id")}
            and s.status in ('reserved', 'sold')) as "buyerIds"
      from leads l where id = ${$.id}::text::uuid${narrow("l.campaign_id")} for update`,
    ),
  (db, { id }) => campaignsOfLeads(db, { leads: arrayText([id]) }),
);

export async function insertFeedback(tx: Queryable, feedback: Feedback, lead: ReportedLead): Promise<void> {
  await insert.run(tx, {
    ...feedback,
    lead: lead.id,
    campaign: lead.campaignId,
    supplier: lead.supplierId,
    createdAt: new Date(feedback.createdAt).toISOString(),
  });
}

const insert = statement<unknown, Record<string, unknown>>(
  "insert_lead_update",
  "one campaign",
  (
    $,
  ) => sql`insert into lead_updates (id, campaign_id, lead_id, supplier_id, outcome, revenue, sales_rep, speed_to_lead_seconds,
        call_duration_seconds, note, created_at)
      values (${$.id}::text::uuid, ${$.campaign}, ${$.lead}::text::uuid,
        ${$.supplier}, ${$.outcome}, ${$.revenue}::text::numeric / 10000,
        ${$.salesRep}, ${$.speedToLeadSeconds}::text::int,
        ${$.callDurationSeconds}::text::int, ${$.note}, ${$.createdAt}::timestamptz)`,
);

/** What was reported of a lead (a UUID), in that order. */
export async function listFeedbackOf(db: Queryable, lead: string): Promise<Feedback[]> {
  const rows = await selectOf.run(db, { lead });
  return rows.map((row) => ({
    ...row,
    revenue: row.revenue === null ? null : amountOfTenThousandths(row.revenue),
  }));
}

const selectOf = statement<Omit<Feedback, "revenue"> & { revenue: number | null }, { lead: string }>(
  "select_lead_updates",
  "all campaigns",
  ($) => sql`select id::text as id, outcome, (revenue * 10000)::float8 as revenue, sales_rep as "salesRep",
        speed_to_lead_seconds as "speedToLeadSeconds", call_duration_seconds as "callDurationSeconds", note,
        (extract(epoch from created_at) * 1000)::float8 as "createdAt"
      from lead_updates where lead_id = ${$.lead}::text::uuid order by id`,
);
