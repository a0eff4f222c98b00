import type { Limits } from "#access/limit.ts";
import { readByRoute } from "#http/body-form.ts";
import type { RequestContext } from "#http/context.ts";
import { type Route, route } from "#http/route.ts";
import { readIdempotency } from "#intake/reply/idempotency.ts";
import type { SupplierReply } from "#intake/reply/reply.ts";
import {
  type AdmittedSupplier,
  type Assumed,
  dryRunUnclear,
  isDryRun,
  limitsOfSuppliers,
  postingGate,
  readAddressed,
  replyOf,
  supplierGate,
} from "#intake/supplier-request.ts";
import { dryRunSetting, LEAD, LEAD_MEDIA_TYPES, POSTED } from "#intake/supplier-words.ts";
import { type Intake, idempotencyUnclear, takeIn } from "#intake/take-in.ts";
import { type BatchIntake, batchRoute } from "./ingest-batch-route.ts";
import { INGEST_WORDS, POSTING_WORDS } from "./ingest-words.ts";

/** The ways in for leads. Whichever a supplier takes, its leads count together. */
export function ingestRoutes(intake: BatchIntake): Route[] {
  const limits = limitsOfSuppliers("ingest", intake);
  return [ingestRoute(intake, limits), postingRoute(intake, limits), batchRoute(intake, limits)];
}

const DRY_RUN = dryRunSetting(
  `\`true\`: the same answer, with the trace of every check, but nothing is recorded or counted and no buyer is
asked. The id in it is of no lead.`,
);

/** `POST /api/v1/ingest`: takes a lead in, and says at once what became of it. */
function ingestRoute(intake: Intake, limits: Limits): Route {
  return route({
    method: "post",
    path: "/api/v1/ingest",
    who: supplierGate("ingest", intake, limits),
    reads: { dry_run: DRY_RUN },
    body: readByRoute({ schema: LEAD, ...LEAD_MEDIA_TYPES }),
    answer: async ({ context, caller }) => replyOf(await takeInBody(intake, context, caller, {}), context),
    words: INGEST_WORDS,
  });
}

/** `POST /api/v1/ingest/u/{token}`: the same for who can send no header; the address says who posts, and may say to which campaign. */
function postingRoute(intake: Intake, limits: Limits): Route {
  return route({
    method: "post",
    path: "/api/v1/ingest/u/:token",
    who: postingGate(intake, limits),
    reads: { dry_run: DRY_RUN },
    body: readByRoute({ schema: POSTED, ...LEAD_MEDIA_TYPES }),
    async answer({ context, caller }) {
      const { supplier, campaignId } = caller;
      const assumed = { supplierId: supplier.id, campaignId, notKept: ["google_key"] };
      return replyOf(await takeInBody(intake, context, caller, assumed), context);
    },
    words: POSTING_WORDS,
  });
}

async function takeInBody(
  intake: Intake,
  context: RequestContext,
  holder: AdmittedSupplier,
  assumed: Assumed,
): Promise<SupplierReply> {
  const { request, id: requestId } = context;
  const { turns, dailyBytes, clock } = intake;
  const storage = (bytes: number) => dailyBytes.take(holder.supplier.id, bytes, clock.elapsedMs());
  const addressed = await readAddressed(context, holder, { turns, storage }, assumed);
  if (!addressed.ok) return addressed.answer;
  const dryRun = isDryRun(request.url);
  if (dryRun === undefined) return dryRunUnclear(requestId);
  const key = request.headers.get("idempotency-key");
  const idempotency = readIdempotency(key, holder.supplier.id, addressed.body, intake.pepper);
  if (idempotency === undefined) return idempotencyUnclear("Idempotency-Key", requestId);
  return await takeIn(intake, context, holder, addressed, { id: context.newUuid(), idempotency, dryRun });
}
