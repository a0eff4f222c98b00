import { sql } from "drizzle-orm";
import { type BatchInsert, columnInsert, isOfBatch, type Rows, uuidsIn } from "#database/batch.ts";
import { inWordsOf } from "#database/by-campaign-records.ts";
import { param, statement } from "#database/statement.ts";
import { acceptedKey, unmatchedKey } from "#intake/decide/state.ts";
import { storedReplyFor } from "#intake/reply/idempotency.ts";
import { staysDecided } from "#leads/decided-lead.ts";
import type { DuplicateKey } from "#people/duplicate-key.ts";
import type { LeadEntry } from "./entry.ts";
import { forgetsPerson } from "./state.ts";

/**
 * What later leads are compared with, and what their idempotency keys are answered by. Old keys are forgotten before new ones are
 * written.
 */
export function keyRows(leads: readonly LeadEntry[], now: Date): Rows[] {
  const forgotten = forgottenKeys(leads);
  return [
    [forgetKeys, forgotten],
    [forgetReceived, leads.some(mayBeReceived) ? forgotten : []],
    [rememberKeys, leadKeyRows(leads)],
    [rememberReceived, buyerDuplicateKeyRows(leads)],
    [rememberAnswers, answerRows(leads, now)],
  ];
}

/** Whether any buyer of its campaign has a duplicate window of its own. */
function mayBeReceived({ reading }: LeadEntry): boolean {
  return reading.buyerDuplicateKeys.size > 0;
}

/** The keys under which leads that are decided once more were remembered. */
function forgottenKeys(leads: readonly LeadEntry[]): object[] {
  return leads.flatMap((entry) => {
    const { lead, reading, isTest } = entry;
    if (entry.prior === null || !forgetsPerson(lead)) return [];
    const keys = [
      ...reading.duplicateKeys,
      ...reading.hashedKeys,
      ...[...reading.buyerDuplicateKeys.values()].flat(),
    ];
    const compared = keys.flatMap((key) => [acceptedKey(key, isTest), unmatchedKey(key, isTest)]);
    return [...compared, ...keysOfPerson(entry, reading.duplicateKeys)].map((key) => ({
      key,
      campaign: lead.campaignId,
      lead: lead.id,
    }));
  });
}

const forgetKeys: BatchInsert = inWordsOf((dialect) =>
  statement(
    "forget_keys",
    "named campaigns",
    ($) => sql`delete from lead_keys d
      using json_to_recordset(${$.rows}::text::json) as row (key uuid, campaign text, lead uuid)
      where d.key = row.key and d.lead_id = row.lead and d.campaign_id = row.campaign
        and d.key = any (${uuidsIn("key")})${isOfBatch("d.campaign_id", dialect)}`,
  ),
);

const forgetReceived: BatchInsert = statement(
  "forget_received",
  "unspread",
  ($) => sql`delete from buyer_duplicate_keys d
      using json_to_recordset(${$.rows}::text::json) as row (key uuid, lead uuid)
      where d.key = row.key and d.lead_id = row.lead and d.key = any (${uuidsIn("key")})`,
);

/** Whether later leads are compared with this one from now on. What a buyer confirms they were when it was reserved, unless it repeats. */
function isNewlyKnown({ lead, status, duplicateOf, prior }: LeadEntry): boolean {
  if (prior?.cause === "returned") return false;
  return forgetsPerson(lead) ? status !== "PENDING" || duplicateOf === null : duplicateOf !== null;
}

/** Of several leads that come at once the last is compared with later ones. Where a lead is not, its person finds it. */
function leadKeyRows(leads: readonly LeadEntry[]): LeadKeyRow[] {
  const compared = new Map<string, LeadKeyRow>();
  for (const entry of leads) {
    for (const each of [...entry.reading.duplicateKeys, ...entry.reading.hashedKeys]) {
      const key = comparedKey(entry, each);
      if (key === null) break;
      const buyer = entry.sales.at(0)?.buyerId ?? null;
      const { id: lead, campaignId: campaign } = entry.lead;
      compared.set(key, { key, campaign, lead, buyer, ...countedThen(entry) });
    }
  }
  const found = leads.flatMap((entry) => {
    const { lead, reading } = entry;
    const isCompared = (each: DuplicateKey) => compared.get(comparedKey(entry, each) ?? "")?.lead === lead.id;
    const left = !forgetsPerson(lead) ? [] : reading.duplicateKeys.filter((each) => !isCompared(each));
    const { id, campaignId: campaign } = lead;
    return keysOfPerson(entry, left).map((key): LeadKeyRow => ({ key, campaign, lead: id, buyer: null }));
  });
  return [...compared.values(), ...found];
}

interface LeadKeyRow {
  key: string;
  campaign: string;
  lead: string;
  buyer: string | null;
  at?: string;
}

/** A lead that stays decided when it was is remembered since then. */
function countedThen({ prior, decidedAt }: LeadEntry): { at?: string } {
  return prior !== null && staysDecided(prior) ? { at: new Date(decidedAt).toISOString() } : {};
}

/** The key under which later leads are compared with this one by a value; null when they are not. */
function comparedKey(entry: LeadEntry, key: DuplicateKey): string | null {
  const { status, isTest, sales } = entry;
  if (!isNewlyKnown(entry)) return null;
  if (sales.length > 0) return acceptedKey(key, isTest);
  return status === "UNMATCHED" ? unmatchedKey(key, isTest) : null;
}

/** What finds the person of a lead by those of its values. Hashed under the campaign's lock, for the few that need it. */
function keysOfPerson({ reading }: LeadEntry, values: readonly DuplicateKey[]): string[] {
  if (values.length === 0) return [];
  const keys = reading.campaign.personKeys(reading.values);
  return (["phone", "email"] as const)
    .filter((field) => values.some((value) => value.field === field))
    .flatMap((field) => keys[field] ?? []);
}

const rememberKeys = columnInsert<LeadKeyRow>(
  {
    key: ["uuid", ({ key }) => key],
    campaign: ["text", ({ campaign }) => campaign],
    lead: ["uuid", ({ lead }) => lead],
    buyer: ["text", ({ buyer }) => buyer],
    counted: ["timestamptz", ({ at }) => at ?? null],
  },
  (rows) =>
    statement(
      "remember_keys",
      "named campaigns",
      sql`insert into lead_keys (key, campaign_id, lead_id, buyer_id, counted_at)
        select key, campaign, lead, buyer, coalesce(counted, ${param("at")}::timestamptz) from ${rows}`,
    ),
);

function buyerDuplicateKeyRows(taken: readonly LeadEntry[]): object[] {
  const rows = new Map<string, object>();
  for (const entry of taken.filter(isNewlyKnown)) {
    const { lead, reading, isTest, sales } = entry;
    for (const { buyerId } of sales) {
      for (const each of reading.buyerDuplicateKeys.get(buyerId) ?? []) {
        const key = acceptedKey(each, isTest);
        rows.set(key, { key, lead: lead.id, buyer: buyerId, ...countedThen(entry) });
      }
    }
  }
  return [...rows.values()];
}

const rememberReceived: BatchInsert = statement(
  "remember_received",
  "unspread",
  ($) => sql`insert into buyer_duplicate_keys (key, buyer_id, lead_id, counted_at)
      select key, buyer, lead, coalesce(at, ${$.at}::timestamptz)
      from json_to_recordset(${$.rows}::text::json) as row (key uuid, lead uuid, buyer text, at timestamptz)
      on conflict (key, buyer_id) do update set lead_id = excluded.lead_id, counted_at = excluded.counted_at`,
);

function answerRows(taken: readonly LeadEntry[], now: Date): object[] {
  return taken.flatMap((each) => {
    const { idempotency } = each.lead;
    if (idempotency === null) return [];
    const { httpStatus, answer, createdAt } = storedReplyFor(each, idempotency, now);
    const { key, requestHash: hash } = idempotency;
    const at = new Date(createdAt).toISOString();
    return [{ key, campaign: each.lead.campaignId, hash, status: httpStatus, answer, at }];
  });
}

const rememberAnswers: BatchInsert = statement(
  "remember_answers",
  "named campaigns",
  ($) => sql`insert into idempotency_keys (key, campaign_id, request_hash, http_status, answer, created_at)
      select key, campaign, hash, status, answer, at
      from json_to_recordset(${$.rows}::text::json)
        as row (key uuid, campaign text, hash uuid, status smallint, answer text, at timestamptz)
      on conflict (key, campaign_id) do update
        set request_hash = excluded.request_hash, http_status = excluded.http_status,
            answer = excluded.answer, created_at = excluded.created_at`,
);
