import type { Queryable } from "#database/database.ts";
import type { AlertEvent } from "#endpoints/webhook-endpoint.ts";

/** Something that operators are told of beside their leads: in the log, by an event to their webhooks, and by e-mail. */
export interface Alert {
  event: AlertEvent;
  /** The same for every server that notices it, and another when it happens again: it is told once. */
  key: string;
  /** Webhooks that hear of some campaigns alone hear of it when it is one of these; null: it is about no single one. */
  campaignId: string | null;
  /** As it is sent: ids, amounts, times and codes, and nothing of a lead's person. */
  data: Readonly<Record<string, string | number | null>>;
}

/** Tells operators of something that is on no record of ours. It returns at once, and what is told is written soon after. */
export type Tell = (alert: Alert) => void;

/** Writes what operators are told, in the transaction in which it comes about. Resolves with what to call once it is committed. */
export type TellIn = (tx: Queryable, alerts: readonly Alert[]) => Promise<() => void>;
