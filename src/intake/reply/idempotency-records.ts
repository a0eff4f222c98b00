import { sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { arrayText, statement } from "#database/statement.ts";
import type { StoredReply } from "./reply.ts";

/** The answer that a report with this key (a UUID) got before. */
export async function readAnswerTo(tx: Queryable, key: string): Promise<StoredReply | undefined> {
  const [answer] = await selectAnswer.run(tx, { keys: arrayText([key]) });
  return answer;
}

const selectAnswer = statement<StoredReply, { keys: string }>(
  "select_answer_to_update",
  "all campaigns",
  ($) => sql`select request_hash::text as "requestHash", http_status as "httpStatus", answer,
        (extract(epoch from created_at) * 1000)::float8 as "createdAt"
      from idempotency_keys where key = any(${$.keys}::text::uuid[])`,
);

export async function insertAnswer(
  tx: Queryable,
  key: string,
  campaignId: string,
  { requestHash, httpStatus, answer, createdAt }: StoredReply,
): Promise<void> {
  const at = new Date(createdAt).toISOString();
  await writeAnswer.run(tx, { key, campaign: campaignId, requestHash, httpStatus, answer, at });
}

const writeAnswer = statement<
  unknown,
  Record<"key" | "campaign" | "requestHash" | "answer" | "at", string> & { httpStatus: number }
>(
  "insert_answer_to_update",
  "one campaign",
  ($) => sql`insert into idempotency_keys (key, campaign_id, request_hash, http_status, answer, created_at)
      values (${$.key}::text::uuid, ${$.campaign}, ${$.requestHash}::text::uuid,
        ${$.httpStatus}::int, ${$.answer}, ${$.at}::timestamptz)
      on conflict (key, campaign_id) do update
        set request_hash = excluded.request_hash, http_status = excluded.http_status,
          answer = excluded.answer, created_at = excluded.created_at`,
);
