import type { ConfigurationDocument } from "#campaigns/document.ts";

export type ResourceKind = (typeof RESOURCE_KINDS)[number];

/** All kinds, in the order in which the document lists them. */
export const RESOURCE_KINDS = [
  "suppression_list",
  "supplier",
  "buyer",
  "campaign",
  "webhook",
  "conversion",
  "report",
] as const;

/** Under which name the document lists the resources of a kind, and how an id of theirs begins that was made for them. */
export const LISTS = {
  suppression_list: { name: "suppression_lists", prefix: "list" },
  supplier: { name: "suppliers", prefix: "supplier" },
  buyer: { name: "buyers", prefix: "buyer" },
  campaign: { name: "campaigns", prefix: "campaign" },
  webhook: { name: "webhooks", prefix: "webhook" },
  conversion: { name: "conversions", prefix: "conversion" },
  report: { name: "reports", prefix: "report" },
} as const satisfies Record<ResourceKind, { name: keyof ConfigurationDocument; prefix: string }>;
