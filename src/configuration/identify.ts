import { typeid } from "typeid-js";
import type {
  BuyerEntry,
  CampaignEntry,
  ConfigurationDocument,
  ConversionEntry,
  ReportEntry,
  SupplierEntry,
  SuppressionListEntry,
  WebhookEntry,
} from "#campaigns/document.ts";
import { LISTS, RESOURCE_KINDS } from "./resource-kind.ts";

export type WithId<T> = T & { id: string };

/** A document in which every resource has its id; otherwise as the operator wrote it. */
export interface IdentifiedDocument extends ConfigurationDocument {
  suppression_lists?: WithId<SuppressionListEntry>[];
  suppliers?: WithId<SupplierEntry>[];
  buyers?: WithId<BuyerEntry>[];
  campaigns?: WithId<CampaignEntry>[];
  webhooks?: WithId<WebhookEntry>[];
  conversions?: WithId<ConversionEntry>[];
  reports?: WithId<ReportEntry>[];
}

/**
 * Gives an id to every resource that the operator wrote without one: that of the resource with the same name in the document in force,
 * so that applying one file twice changes nothing, else a new one (`buyer_01h455vb4pex5vsknk084sn02q`). The document must
 * have no problems.
 */
export function identify(
  document: ConfigurationDocument,
  current: IdentifiedDocument | null,
): IdentifiedDocument {
  // What is spread first keeps the operator's order and leaves out what the operator left out.
  const identified = { ...document } as Record<string, unknown>;
  for (const kind of RESOURCE_KINDS) {
    const { name, prefix } = LISTS[kind];
    const entries = document[name];
    if (entries !== undefined) identified[name] = identifyEach(entries, current?.[name], prefix);
  }
  return identified as unknown as IdentifiedDocument;
}

function identifyEach<T extends { id?: string; name?: string }>(
  entries: readonly T[],
  current: readonly WithId<T>[] = [],
  prefix: string,
): WithId<T>[] {
  const taken = new Set(entries.map((entry) => entry.id));
  const idsByName = new Map(
    current.filter((entry) => !taken.has(entry.id)).map((entry) => [entry.name, entry.id]),
  );
  return entries.map((entry) => {
    if (hasId(entry)) return entry;
    return { id: idsByName.get(entry.name) ?? typeid(prefix).toString(), ...entry };
  });
}

function hasId<T extends { id?: string }>(entry: T): entry is WithId<T> {
  return entry.id !== undefined;
}
