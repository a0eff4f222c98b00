import { builderOn } from "#database/builder.ts";
import type { Database } from "#database/database.ts";
import { deliveries } from "#database/tables.ts";
import type { Recipient } from "#endpoints/recipient.ts";
import type { DeliveryState } from "#leads/delivery-state.ts";

export interface WrittenDelivery {
  recipient: Recipient;
  id?: string;
  campaignId?: string;
  /** A lead's UUID. */
  leadId?: string;
  event?: string;
  state?: DeliveryState;
  at?: Date;
  nextAt?: Date;
  giveUpAt?: Date;
  /** A worker's hold on it. */
  lease?: string;
  body?: string;
}

/**
 * Puts a delivery on record, one of the full document's campaign that is due at once and sells nothing unless it is said otherwise;
 * answers with its UUID.
 */
export async function addDelivery(
  database: Database,
  {
    recipient,
    id = Bun.randomUUIDv7(),
    campaignId = "campaign_abc123",
    leadId,
    event = "lead.updated",
    state = "pending",
    at = new Date("2026-03-04T11:00:00Z"),
    nextAt = at,
    giveUpAt = new Date(at.getTime() + 86_400_000),
    lease,
    body = "{}",
  }: WrittenDelivery,
): Promise<string> {
  const hasEnded = state !== "pending" && state !== "paused";
  await database.write(async (tx) => {
    await builderOn(tx)
      .insert(deliveries)
      .values({
        id,
        campaignId,
        leadId: leadId ?? null,
        recipient,
        event,
        contentType: "application/json",
        body,
        state,
        attempts: 0,
        nextAt: nextAt.toISOString(),
        lease: lease ?? null,
        giveUpAt: giveUpAt.toISOString(),
        createdAt: at.toISOString(),
        endedAt: hasEnded ? at.toISOString() : null,
      });
  });
  return id;
}
