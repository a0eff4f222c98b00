import { sql } from "drizzle-orm";
import type { Database } from "#database/database.ts";
import { uuidOfLead } from "#text/ids.ts";
import { rowsOf } from "./claims.ts";

/**
 * What there is for whoever has to understand a finding: what is on record of the lead that it begins with, its person left out, or what
 * the servers logged of the request that it names.
 */
export async function explainedBy(database: Database, finding: string, written: string): Promise<string[]> {
  const request = /"request_id":"([^"]+)"/.exec(finding)?.[1];
  if (request !== undefined) return loggedAbout(request, written);
  const named = finding.split(":")[0]?.split(" and ") ?? [];
  const ids = named.flatMap((id) => (/^[0-9a-f-]{36}$/.test(id) ? id : (uuidOfLead(id) ?? [])));
  const each = await Promise.all(ids.map((id) => onRecordOf(database, id)));
  return each.flatMap((lines, index) => [`${ids[index]}:`, ...lines]);
}

async function onRecordOf(database: Database, id: string): Promise<string[]> {
  const rows = await rowsOf<{ line: string }>(
    database,
    sql`select row_to_json(l)::text as line from (
        select campaign_id, status, reason, revision, decided_at, first_decided_at from leads where id = ${id}::text::uuid) l
      union all
      select lines.line::text from leads, json_array_elements(trace) as lines (line) where id = ${id}::text::uuid
      union all
      select row_to_json(s)::text from (
        select buyer_id, place, status, price, payout, sold_at from sales where lead_id = ${id}::text::uuid order by place) s
      union all
      select row_to_json(d)::text from (
        select id, recipient, event, state, attempts, asks, verdict, last_failure, refusal_due, created_at, ended_at
        from deliveries where lead_id = ${id}::text::uuid order by id) d
      union all
      select row_to_json(e)::text from (
        select kind, buyer_id, buyer_amount, supplier_amount, at from ledger where lead_id = ${id}::text::uuid order by at) e
      union all
      select row_to_json(r)::text from (
        select buyer_id, status, asked_at, decided_at from returns where lead_id = ${id}::text::uuid) r`,
  );
  return rows.map(({ line }) => line);
}

/** Its lines, and all warnings and errors: what went wrong in a batch is not said of each of its leads. */
function loggedAbout(request: string, written: string): string[] {
  return written
    .split("\n")
    .filter((line) => line.includes(request) || /"level":"(warn|error)"/.test(line))
    .slice(-40);
}
