import type { SupplierReply } from "#intake/reply/reply.ts";
import type { Arrived } from "#leads/candidate.ts";
import { LinkLost } from "#peers/link.ts";
import type { Peers } from "#peers/peers.ts";
import { NotTakenIn } from "./lane.ts";

/** What the server whose campaign it is answers to a lead that was handed to it. */
type OwnersAnswer =
  | { answer: SupplierReply; owner: string }
  | { notTakenIn: { message: string; retryAfter: number }; owner: string }
  | { stopping: true };

/** How a lead came out that was handed on; `here`: it is to be taken by this server, and may be on record already. */
export type Forwarded = { answer: SupplierReply } | { here: { mayBeOnRecord: boolean } };

/**
 * Hands a lead to the server whose campaign it is. Should that not answer, the lead is this server's: whether the other took it in is then
 * read under the campaign's lock, by the lead's id.
 *
 * @throws NotTakenIn as the other did.
 */
export async function forward(lead: Arrived, serverId: string, peers: Peers): Promise<Forwarded> {
  let said: OwnersAnswer;
  try {
    said = (await peers.ask(serverId, JSON.stringify(lead))) as OwnersAnswer;
  } catch (error) {
    if (!(error instanceof LinkLost)) throw error;
    return { here: { mayBeOnRecord: error.wasSent } };
  }
  if ("stopping" in said) {
    peers.owners.lost(serverId);
    return { here: { mayBeOnRecord: true } };
  }
  peers.owners.learn(lead.campaignId, said.owner);
  if ("answer" in said) return { answer: said.answer };
  throw new NotTakenIn(said.notTakenIn.message, said.notTakenIn.retryAfter);
}

/** Answers what another server handed on: a lead that came by the front of that one. */
export async function answerForwarded(
  question: unknown,
  { peers, stopping }: { peers: Peers; stopping: AbortSignal },
  decide: (lead: Arrived) => Promise<SupplierReply>,
): Promise<string> {
  return JSON.stringify(await ownersAnswer(question as Arrived, { peers, stopping }, decide));
}

async function ownersAnswer(
  lead: Arrived,
  { peers, stopping }: { peers: Peers; stopping: AbortSignal },
  decide: (lead: Arrived) => Promise<SupplierReply>,
): Promise<OwnersAnswer> {
  try {
    const answer = await decide(lead);
    return { answer, owner: peers.owners.elsewhere(lead.campaignId) ?? peers.id };
  } catch (error) {
    if (!(error instanceof NotTakenIn)) throw error;
    if (stopping.aborted) return { stopping: true };
    const { message, retryAfter } = error;
    return {
      notTakenIn: { message, retryAfter },
      owner: peers.owners.elsewhere(lead.campaignId) ?? peers.id,
    };
  }
}
