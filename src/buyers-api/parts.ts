import type { BuyerHolder } from "#campaigns/campaign-records.ts";
import type { ConfigurationStore } from "#configuration/apply.ts";
import type { Delivery } from "#delivery/delivery.ts";
import type { Recipient } from "#endpoints/recipient.ts";
import type { Gate } from "#http/route.ts";
import type { TestSender } from "./endpoint-test.ts";

/** What the buyers' routes work with: one gate, so that all calls of a buyer count together. */
export interface BuyerParts extends ConfigurationStore, TestSender {
  buyers: Gate<BuyerHolder>;
  /** Keys the hashes by which people are found. */
  pepper: Uint8Array;
  /** Says that deliveries of a campaign to these recipients were made due. */
  wake(campaignId: string, recipients: Iterable<Recipient>): void;
  /** Tells operators of something that happens beside leads. */
  tellIn: Delivery["tellIn"];
  now(): Date;
  /** Aborted when the server stops: what is streamed ends then. */
  stopping: AbortSignal;
}
