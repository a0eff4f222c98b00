import type { CampaignCache } from "#campaigns/campaign-cache.ts";
import type { SupplierHolder } from "#campaigns/campaign-records.ts";
import type { Database } from "#database/database.ts";
import type { Gate } from "#http/route.ts";

/** What the suppliers' look-ups work with: one gate, so that all of a supplier count together. */
export interface SupplierParts {
  database: Database;
  campaignCache: CampaignCache;
  /** Keys the hashes by which people are found. */
  pepper: Uint8Array;
  suppliers: Gate<SupplierHolder>;
  now(): Date;
  /** Aborted when the server stops: what is streamed ends then. */
  stopping: AbortSignal;
}
