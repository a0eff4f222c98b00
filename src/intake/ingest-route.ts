import { createLimits, type Limits } from "#access/limit.ts";
import type { CampaignCache } from "#campaigns/campaign-cache.ts";
import type { Database } from "#database/database.ts";
import type { Outbox } from "#handover/outbox.ts";
import { readByRoute } from "#http/body-form.ts";
import type { RequestContext } from "#http/context.ts";
import { type Route, route } from "#http/route.ts";
import { refusalAtTheDoor } from "#intake/decide/decide.ts";
import { parseLead } from "#intake/decide/reading.ts";
import { type Lanes, NotTakenIn } from "#intake/lane/lane.ts";
import { readIdempotency } from "#intake/reply/idempotency.ts";
import {
  noSuchCampaign,
  replyTo,
  type SupplierReply,
  supplierError,
  unavailable,
} from "#intake/reply/reply.ts";
import type { Arrived } from "#leads/candidate.ts";
import type { PostedPing, Quote } from "#leads/quote.ts";
import { takeInAndConfirm } from "./confirm.ts";
import { tryOut } from "./dry-run.ts";
import { INGEST_WORDS, POSTING_WORDS } from "./ingest-words.ts";
import {
  type AdmittedSupplier,
  type Assumed,
  dryRunUnclear,
  type FrontParts,
  isDryRun,
  isFilledIn,
  postingGate,
  readAddressed,
  replyOf,
  submissionFrom,
  supplierGate,
} from "./supplier-request.ts";
import { dryRunSetting, LEAD, LEAD_MEDIA_TYPES, POSTED } from "./supplier-words.ts";

export interface Intake extends FrontParts {
  database: Database;
  campaignCache: CampaignCache;
  lanes: Lanes;
  outbox: Outbox;
  /** Keys the hashes of idempotency keys. */
  pepper: Uint8Array;
  /** What a ping promised, by its token; undefined for any text that is no token of this installation. */
  readQuote(token: string): Quote | undefined;
}

/** The ways in for leads. Whichever a supplier takes, its leads count together. */
export function ingestRoutes(intake: Intake): Route[] {
  const limits = createLimits();
  return [ingestRoute(intake, limits), postingRoute(intake, limits)];
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
    answer: async ({ context, caller }) => replyOf(await takeIn(intake, context, caller, {}), context),
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
      return replyOf(await takeIn(intake, context, caller, assumed), context);
    },
    words: POSTING_WORDS,
  });
}

async function takeIn(
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
  const idempotency = readIdempotency(
    request.headers.get("idempotency-key"),
    holder.supplier.id,
    addressed.body,
    intake.pepper,
  );
  if (idempotency === undefined) {
    const message = "Idempotency-Key must be 1 to 255 printable ASCII characters.";
    return supplierError(
      "validation_failed",
      message,
      { requestId },
      {
        field_errors: [{ field: "Idempotency-Key", code: "invalid_format", message }],
      },
    );
  }
  try {
    const lead: Arrived = {
      kind: "arrived",
      ...submissionFrom(requestId, holder, addressed),
      idempotency,
      ping: postedPing(addressed.body, intake.readQuote),
      trace: context.trace?.traceparent,
    };
    return dryRun ? await tryOut(lead, intake) : await decideLead(intake, lead);
  } catch (error) {
    if (!(error instanceof NotTakenIn)) throw error;
    return unavailable(error, { requestId });
  }
}

/** What the post says of its ping. */
function postedPing(
  { flo_ping_id: token, flo_buyer_id: wants }: Readonly<Record<string, unknown>>,
  readQuote: Intake["readQuote"],
): PostedPing | null {
  if (!isFilledIn(token)) return null;
  const quote = typeof token === "string" ? readQuote(token) : undefined;
  // What is no text names no bid; it is refused as one that does not.
  return {
    quote,
    wants: isFilledIn(wants) ? (typeof wants === "string" ? wants : JSON.stringify(wants)) : null,
  };
}

/** At the door when the campaign alone turns the lead away, else in the lane. */
async function decideLead(intake: Intake, lead: Arrived): Promise<SupplierReply> {
  const cached = await intake.campaignCache.find(lead.campaignId);
  if (cached === undefined) return noSuchCampaign(lead);
  const parsed = { lead, reading: parseLead(lead, cached) };
  const goesToTheLane =
    lead.idempotency !== null || refusalAtTheDoor(parsed, intake.clock.now()) === undefined;
  if (goesToTheLane) return await takeInAndConfirm(parsed, intake);
  // The campaign in the cache may be old, and a lead must not be refused by a rule that is gone.
  const current = await intake.campaignCache.current(cached);
  if (current === undefined) return noSuchCampaign(lead);
  const again = { lead, reading: current === cached ? parsed.reading : parseLead(lead, current) };
  const refusal = refusalAtTheDoor(again, intake.clock.now());
  return refusal === undefined
    ? await takeInAndConfirm(again, intake)
    : replyTo(refusal, lead, again.reading);
}
