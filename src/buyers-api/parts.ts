import type { BuyerHolder } from "#campaigns/campaign-records.ts";
import type { ConfigurationStore } from "#configuration/apply.ts";
import type { Recipient } from "#endpoints/recipient.ts";
import type { Gate } from "#http/route.ts";

/** What the buyers' routes work with: one gate, so that all calls of a buyer count together. */
export interface BuyerParts extends ConfigurationStore {
  buyers: Gate<BuyerHolder>;
  /** Says that deliveries of a campaign to these recipients were made due. */
  wake(campaignId: string, recipients: Iterable<Recipient>): void;
  now(): Date;
  /** Aborted when the server stops: what is streamed ends then. */
  stopping: AbortSignal;
}
