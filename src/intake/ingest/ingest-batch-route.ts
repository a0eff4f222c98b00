import { type Limits, type LimitVerdict, policyOf, weightOf } from "#access/limit.ts";
import { readByRoute } from "#http/body-form.ts";
import type { RequestContext } from "#http/context.ts";
import { type Route, route } from "#http/route.ts";
import { readIdempotency } from "#intake/reply/idempotency.ts";
import { type SupplierReply, supplierError } from "#intake/reply/reply.ts";
import {
  type AddressedLead,
  addressLead,
  type BatchSupplier,
  batchGate,
  OVER_ITS_LIMIT,
} from "#intake/supplier-request.ts";
import { type Intake, idempotencyUnclear, takeIn } from "#intake/take-in.ts";
import type { Idempotency } from "#leads/candidate.ts";
import type { Log } from "#telemetry/log.ts";
import { newUuid } from "#text/ids.ts";
import { readBatchedLead, readBatchTexts, shownAnswer } from "./batch-body.ts";
import { BATCH, BATCH_WORDS } from "./ingest-batch-words.ts";
import { answerToOneOfMany } from "./one-of-many.ts";

/** `POST /api/v1/ingest/batch`: takes many leads in, each as if it had come alone. */
export function batchRoute(intake: BatchIntake, limits: Limits): Route {
  return route({
    method: "post",
    path: "/api/v1/ingest/batch",
    who: batchGate(intake, limits),
    query: {},
    body: readByRoute(BATCH),
    async answer({ context, caller }) {
      const turn = (characters: number) => intake.turns.take(caller.supplier.id, characters);
      const read = await readBatchTexts(context.request, turn);
      if (!read.ok) return context.refuse(read.error, read.message);
      const { answers, remaining } = await takeInAll(read.texts, intake, context, caller);
      const data = (await Promise.all(answers)).map(shownAnswer);
      const policy = policyOf(caller.supplier.rateLimits.ingest);
      return context.json(200, { data }, { "ratelimit-policy": policy, ratelimit: remaining });
    },
    words: BATCH_WORDS,
  });
}

export interface BatchIntake extends Intake {
  log: Log;
}

/**
 * Puts each lead into its lane as soon as it is read, in their order and each in its supplier's turn; a lane takes whatever waits in one
 * transaction. Each weighs in the rate limit by its own length.
 */
async function takeInAll(
  texts: readonly string[],
  intake: BatchIntake,
  context: RequestContext,
  supplier: BatchSupplier,
): Promise<{ answers: Promise<SupplierReply>[]; remaining: string }> {
  const answers: Promise<SupplierReply>[] = [];
  let { remaining } = supplier;
  for (const [place, text] of texts.entries()) {
    const bytes = Buffer.byteLength(text);
    const verdict = place === 0 ? undefined : countOne(bytes, intake, supplier);
    if (verdict === undefined) supplier.limiter.charge(weightOf(bytes) - 1);
    else remaining = verdict.remaining;
    if (verdict !== undefined && !verdict.admitted) {
      answers.push(Promise.resolve(overLimit(context.id, verdict.retryAfter)));
      continue;
    }
    await intake.turns.take(supplier.supplier.id, bytes);
    const lead = readLead({ text, place, bytes }, intake, context, supplier);
    if ("httpStatus" in lead) {
      answers.push(Promise.resolve(lead));
      continue;
    }
    // With its campaign at hand it goes into the lane at once, and so in its place.
    await intake.campaignCache.find(lead.addressed.campaignId).catch(() => undefined);
    const answer = takeIn(intake, context, supplier, lead.addressed, {
      id: newUuid(),
      idempotency: lead.idempotency,
      dryRun: false,
    });
    answers.push(answerToOneOfMany(answer, { requestId: context.id }, intake.log));
  }
  return { answers, remaining };
}

function countOne(
  bytes: number,
  { clock, observer }: Intake,
  { limiter, supplier }: BatchSupplier,
): LimitVerdict {
  const verdict = limiter.admit(clock.elapsedMs(), weightOf(bytes));
  if (!verdict.admitted) observer.rateLimited(supplier.id);
  return verdict;
}

function overLimit(requestId: string, retryAfter: number): SupplierReply {
  return supplierError("rate_limited", OVER_ITS_LIMIT, { requestId }, { retry_after: retryAfter });
}

/** A lead of the list that says whom it is for. */
interface ReadLead {
  addressed: AddressedLead;
  idempotency: Idempotency | null;
}

/** The lead, or the answer to what is none. */
function readLead(
  { text, place, bytes }: { text: string; place: number; bytes: number },
  intake: Intake,
  context: RequestContext,
  supplier: BatchSupplier,
): ReadLead | SupplierReply {
  const { id } = supplier.supplier;
  const storage = () => intake.dailyBytes.take(id, bytes, intake.clock.elapsedMs());
  const read = readBatchedLead(text, bytes);
  const { idempotency_key: own, ...body } = read.ok ? read.body : {};
  const addressed = addressLead(read.ok ? { ok: true, body } : read, supplier, context.id, storage);
  if (!addressed.ok) return addressed.answer;
  const ofBatch = context.header("idempotency-key");
  const hasOwn = own !== undefined && own !== null;
  // What is no text is no key.
  const key = hasOwn ? (typeof own === "string" ? own : "") : ofBatch;
  const idempotency = readIdempotency(key, id, addressed.body, intake.pepper, hasOwn ? undefined : place);
  if (idempotency === undefined) {
    return idempotencyUnclear(hasOwn ? "idempotency_key" : "Idempotency-Key", context.id);
  }
  return { addressed, idempotency };
}
