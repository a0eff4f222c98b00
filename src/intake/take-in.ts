import type { CampaignCache } from "#campaigns/campaign-cache.ts";
import type { SupplierHolder } from "#campaigns/campaign-records.ts";
import type { Database } from "#database/database.ts";
import type { Outbox } from "#handover/outbox.ts";
import type { RequestContext } from "#http/context.ts";
import { refusalAtTheDoor } from "#intake/decide/decide.ts";
import { parseLead } from "#intake/decide/reading.ts";
import { answerForwarded, forward } from "#intake/lane/forward.ts";
import { type Lanes, NotTakenIn } from "#intake/lane/lane.ts";
import {
  noSuchCampaign,
  replyTo,
  type SupplierReply,
  supplierError,
  unavailable,
} from "#intake/reply/reply.ts";
import type { Shares } from "#intake/shares/shares.ts";
import type { Arrived, Idempotency } from "#leads/candidate.ts";
import type { PostedPing, Quote } from "#leads/quote.ts";
import type { Peers } from "#peers/peers.ts";
import { type AskChecksParts, checkAndTakeIn } from "./ask-checks.ts";
import { tryOut } from "./dry-run.ts";
import { type AddressedLead, type FrontParts, isFilledIn, submissionFrom } from "./supplier-request.ts";

export interface Intake extends FrontParts, Pick<AskChecksParts, "checkers" | "firstRead"> {
  database: Database;
  campaignCache: CampaignCache;
  lanes: Lanes;
  outbox: Outbox;
  /** Where tables are spread over nodes. */
  shares?: Shares | undefined;
  /** Keys the hashes of idempotency keys. */
  pepper: Uint8Array;
  /** The other servers; absent where there can be none. */
  peers?: Peers | undefined;
  /** What a ping promised, by its token; undefined for any text that is no token of this installation. */
  readQuote(token: string): Quote | undefined;
}

/** Takes a lead in that says whom it is for, and says at once what became of it. `id`: the UUID that it gets. */
export function takeIn(
  intake: Intake,
  { id: requestId, trace }: Pick<RequestContext, "id" | "trace">,
  holder: SupplierHolder,
  addressed: AddressedLead,
  { id, idempotency, dryRun }: { id: string; idempotency: Idempotency | null; dryRun: boolean },
): Promise<SupplierReply> {
  const lead: Arrived = {
    kind: "arrived",
    ...submissionFrom({ id, requestId }, holder, addressed),
    idempotency,
    ping: postedPing(addressed.body, intake.readQuote),
    trace: trace?.traceparent,
  };
  return dryRun ? tryOut(lead, intake) : takeInArrived(lead, intake);
}

/** The same of a lead as the lane knows it. */
export async function takeInArrived(lead: Arrived, intake: ArrivalParts): Promise<SupplierReply> {
  try {
    return await decideLead(intake, lead);
  } catch (error) {
    if (!(error instanceof NotTakenIn)) throw error;
    return unavailable(error, lead);
  }
}

export type ArrivalParts = Pick<
  Intake,
  "database" | "campaignCache" | "lanes" | "clock" | "checkers" | "firstRead" | "peers"
> &
  Partial<Pick<Intake, "observer">>;

/** The answer to a lead whose idempotency key is none. */
export function idempotencyUnclear(field: string, requestId: string): SupplierReply {
  const message = `${field} must be 1 to 255 printable ASCII characters.`;
  const field_errors = [{ field, code: "invalid_format" as const, message }];
  return supplierError("validation_failed", message, { requestId }, { field_errors });
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

/** On the server whose campaign it is. */
function decideLead(intake: ArrivalParts, lead: Arrived): Promise<SupplierReply> {
  const { peers } = intake;
  if (intake.database.isSpread && peers !== undefined) return decideOnNode(intake, lead, peers);
  const owner = peers?.owners.elsewhere(lead.campaignId);
  return peers === undefined || owner === undefined
    ? decideHere(intake, lead)
    : decideElsewhere(intake, lead, owner, peers);
}

/** Where tables are spread over nodes, on a server that is connected to the campaign's. */
async function decideOnNode(intake: ArrivalParts, lead: Arrived, peers: Peers): Promise<SupplierReply> {
  const owner = await peers.serverFor(lead.campaignId);
  return owner === undefined
    ? await decideHere(intake, lead)
    : await decideElsewhere(intake, lead, owner, peers);
}

async function decideElsewhere(
  intake: ArrivalParts,
  lead: Arrived,
  owner: string,
  peers: Peers,
): Promise<SupplierReply> {
  const forwarded = await forward(lead, owner, peers);
  intake.observer?.leadForwarded("answer" in forwarded ? "answered" : "taken_here");
  if ("answer" in forwarded) return forwarded.answer;
  return await decideHere(intake, forwarded.here.mayBeOnRecord ? { ...lead, mayBeOnRecord: true } : lead);
}

/** Has leads that other servers hand on decided here. `answerOther`: what is asked about something else; undefined where it is a lead. */
export function takeFromPeers(
  intake: Intake & { stopping: AbortSignal },
  answerOther: (question: unknown) => Promise<string> | undefined,
): void {
  const { peers, stopping } = intake;
  peers?.answer(
    (question) =>
      answerOther(question) ??
      answerForwarded(question, { peers, stopping }, (lead) => decideHere(intake, lead)),
  );
}

/** At the door when the campaign alone turns the lead away, else in the lane. */
async function decideHere(intake: ArrivalParts, lead: Arrived): Promise<SupplierReply> {
  const { campaignCache } = intake;
  const cached = campaignCache.cached(lead.campaignId) ?? (await campaignCache.find(lead.campaignId));
  if (cached === undefined) return noSuchCampaign(lead);
  const parsed = { lead, reading: parseLead(lead, cached) };
  const goesToTheLane =
    lead.idempotency !== null ||
    lead.mayBeOnRecord === true ||
    refusalAtTheDoor(parsed, intake.clock.now()) === undefined;
  if (goesToTheLane) return await checkAndTakeIn(parsed, intake);
  // The campaign in the cache may be old, and a lead must not be refused by a rule that is gone.
  const current = await campaignCache.current(cached);
  if (current === undefined) return noSuchCampaign(lead);
  const again = { lead, reading: current === cached ? parsed.reading : parseLead(lead, current) };
  const refusal = refusalAtTheDoor(again, intake.clock.now());
  return refusal === undefined ? await checkAndTakeIn(again, intake) : replyTo(refusal, lead, again.reading);
}
