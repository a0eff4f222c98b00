import type { Campaign } from "#campaigns/campaign.ts";
import { type Database, readWhatIsThere } from "#database/database.ts";
import { type Dispatcher, LEASE_MS } from "#delivery/outbox/dispatcher.ts";
import {
  answeredPending,
  endDecided,
  meantFor,
  undelivered,
} from "#delivery/outbox/lead-deliveries-records.ts";
import { insertDeliveries, type NewDelivery } from "#delivery/outbox/outbox-records.ts";
import { leasedFrom } from "#delivery/outbox/recipient-queue.ts";
import { settleRefusals, unsettledRefusals } from "#delivery/outbox/refusal-records.ts";
import type { Recipients } from "#delivery/recipients/recipients.ts";
import { parseRecipient, type Recipient } from "#endpoints/recipient.ts";
import type { Outbox } from "#handover/outbox.ts";
import type { BuyersAnswers } from "#leads/candidate.ts";
import type { DecidedLead } from "#leads/decided-lead.ts";
import { newUuid } from "#text/ids.ts";
import { buyersAnswer } from "./buyers-answer.ts";
import { conversionDeliveries, outcomeDeliveries } from "./conversion-deliveries.ts";
import { feedbackDeliveries } from "./feedback-deliveries.ts";
import {
  buyerDeliveries,
  endedDeliveries,
  returnDeliveries,
  settledRefusals,
  webhookDeliveries,
} from "./lead-deliveries.ts";

export interface OutboxParts {
  database: Database;
  dispatcher: Dispatcher;
  recipients: Recipients;
  tellIn: Outbox["tellIn"];
}

/** The outbox that intake leaves its deliveries in. */
export function openOutbox({
  database,
  dispatcher,
  recipients,
  tellIn,
}: OutboxParts): Omit<Outbox, "onRefusal" | "onAnswer"> {
  function sendCommitted(campaign: Campaign, deliveries: readonly NewDelivery[]): void {
    // A configuration is in force for the very next lead, and so is where its buyer wants it.
    recipients.requireRevision(campaign.revision);
    const mine = deliveries.filter(({ asks }) => asks !== true);
    dispatcher.send(mine.flatMap((delivery) => leasedFrom(delivery, campaign.id) ?? []));
    const due = mine.filter(({ lease }) => lease === undefined);
    dispatcher.wake(campaign.id, new Set(due.map(({ recipient }) => recipient)));
  }

  async function ask(
    leadId: string,
    made: readonly MadeDeliveries[],
    withinMs: number,
  ): Promise<BuyersAnswers> {
    const leased = made.flatMap(({ campaign, deliveries }) =>
      deliveries
        .filter(({ lead, asks }) => lead === leadId && asks === true)
        .flatMap((delivery) => leasedFrom(delivery, campaign.id) ?? []),
    );
    if (leased.length === 0) throw new Error("there is nothing to ask with: the lead is not pending");
    const answers = leased.map(async (each) => {
      const record = await dispatcher.ask(each, withinMs);
      const answer = record === "not_asked" ? "refused" : buyersAnswer(record);
      return [parseRecipient(each.delivery.recipient).id, answer] as const;
    });
    return new Map(await Promise.all(answers));
  }

  // What is decided anew is on a node that is there.
  const read = readWhatIsThere(database);
  return {
    async write(db, batch, now) {
      const addLease = leasing(dispatcher, now);
      const made = batch.map(({ campaign, leads }) => ({
        campaign,
        deliveries: hasRecipients(campaign)
          ? leads.flatMap((lead) => deliveriesOf(lead, campaign, now)).map(addLease)
          : [],
      }));
      const at = now.toISOString();
      for (const { campaign, leads } of batch) {
        const reopened = leads.filter(({ prior }) => prior !== null);
        await endDecided(db, campaign.id, reopened.flatMap(endedDeliveries), at);
        await settleRefusals(db, campaign.id, reopened.flatMap(settledRefusals));
      }
      await insertDeliveries(db, made.flatMap(withCampaign), at);
      return {
        committed() {
          for (const { campaign, deliveries } of made) sendCommitted(campaign, deliveries);
        },
        ask: (leadId, withinMs) => ask(leadId, made, withinMs),
      };
    },
    async report(db, campaign, lead, feedback, now) {
      const deliveries = [
        ...feedbackDeliveries(lead, feedback, campaign, now),
        ...outcomeDeliveries(lead, feedback, campaign, now),
      ];
      await insertDeliveries(db, withCampaign({ campaign, deliveries }), now.toISOString());
      return () => dispatcher.wake(campaign.id, new Set(deliveries.map(({ recipient }) => recipient)));
    },
    async answeredPending(before) {
      const answered = await read((db) => answeredPending(db, before.toISOString()));
      return [...Map.groupBy(answered, ({ leadId }) => leadId)].map(([leadId, asked]) => ({
        leadId,
        answers: new Map(asked.map((each) => [each.buyerId, buyersAnswer(each, each.isOneLost)])),
      }));
    },
    undelivered,
    meantFor: (leadId) => read((db) => meantFor(db, leadId)),
    unsettledRefusals: (after, limit) => read((db) => unsettledRefusals(db, after, limit)),
    dismissRefusal: (refused) => database.write((tx) => settleRefusals(tx, refused.campaignId, [refused])),
    tellIn,
    isDown: recipients.isDown,
  };
}

/** What is to be sent because of leads of one campaign. */
interface MadeDeliveries {
  campaign: Campaign;
  deliveries: readonly NewDelivery[];
}

function withCampaign({ campaign, deliveries }: MadeDeliveries) {
  return deliveries.map((delivery) => ({ ...delivery, campaign: campaign.id }));
}

/** Whether there is anybody whom anything may be sent to because of the campaign's leads. */
function hasRecipients({ contracts, webhooks, conversions }: Campaign): boolean {
  return (
    webhooks.length > 0 || conversions.length > 0 || contracts.some(({ buyer }) => buyer.delivery !== null)
  );
}

function deliveriesOf(lead: DecidedLead, campaign: Campaign, now: Date): NewDelivery[] {
  return [
    ...buyerDeliveries(lead, campaign, now),
    ...webhookDeliveries(lead, campaign, now),
    ...conversionDeliveries(lead, campaign, now),
    ...returnDeliveries(lead, campaign, now),
  ];
}

/** Leases the deliveries of one batch, one after the other, that this server can send as soon as they are committed. */
function leasing(dispatcher: Dispatcher, now: Date): (delivery: NewDelivery) => NewDelivery {
  const lease = { id: newUuid(), until: new Date(now.getTime() + LEASE_MS).toISOString() };
  const spare = new Map<Recipient, number>();
  return (delivery) => {
    if (delivery.lease !== undefined) return delivery;
    const left = spare.get(delivery.recipient) ?? dispatcher.spareLeases(delivery.recipient);
    spare.set(delivery.recipient, left - 1);
    return left > 0 ? { ...delivery, lease } : delivery;
  };
}
