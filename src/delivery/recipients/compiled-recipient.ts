import type { RecipientSettings } from "#campaigns/recipient-records.ts";
import type { RuledAnswer } from "#endpoints/answers/answer-reader.ts";
import { type BidReading, compileBidRules } from "#endpoints/answers/bid-rules.ts";
import { type AnswerVerdict, compileResponseRules } from "#endpoints/answers/response-rules.ts";
import { MOST_EVENTS } from "#endpoints/conversion/graph-request.ts";
import type { PingSettings } from "#endpoints/delivery-settings.ts";
import type { Template } from "#endpoints/message/template.ts";

/** A recipient as last read, with its rules compiled. */
export interface CompiledRecipient {
  /** Null: the recipient was removed, or has no delivery any more. */
  delivery: RecipientSettings | null;
  /** Newest first; of a dataset of Meta's, its token. */
  secrets: readonly string[];
  /** Judges its answer to a delivery. */
  judge(answer: RuledAnswer): AnswerVerdict;
  mostInFlight: number;
  /** How many deliveries one request carries at most. */
  mostTogether: number;
  /** How it is asked for bids; the same object for as long as that stays the same. Null: it is not asked. */
  ping: CompiledPing | null;
}

/** How a buyer is asked for bids, with its rules compiled. */
export interface CompiledPing {
  readonly settings: PingSettings;
  /** Null: the default body. */
  readonly template: Template | null;
  readonly legacySignatureHeader: string | null;
  /** Reads its answer to a ping in a campaign of this currency. */
  read(answer: RuledAnswer, currency: string): BidReading;
}

/** Rules are compiled once for as long as they stay the same. */
export function compileRecipient(
  delivery: RecipientSettings | null,
  before?: CompiledRecipient,
): CompiledRecipient {
  if (before !== undefined && Bun.deepEquals(before.delivery, delivery)) return before;
  const rules = delivery?.method === "webhook" ? delivery.responseRules : [];
  const values = delivery?.method === "webhook" ? delivery.responseValues : {};
  return {
    delivery,
    secrets: [],
    judge: compileResponseRules(rules, values),
    mostInFlight: delivery?.maxInFlight ?? 1,
    mostTogether: delivery?.method === "meta" ? MOST_EVENTS : 1,
    ping: compilePingRules(delivery, before?.ping ?? null),
  };
}

function compilePingRules(
  delivery: RecipientSettings | null,
  before: CompiledPing | null,
): CompiledPing | null {
  if (delivery?.method !== "webhook" || delivery.ping === null) return null;
  const { ping: settings, legacySignatureHeader } = delivery;
  const isSame =
    before?.legacySignatureHeader === legacySignatureHeader && Bun.deepEquals(before.settings, settings);
  if (before !== null && isSame) return before;
  return {
    settings,
    template: settings.template === null ? null : (JSON.parse(settings.template) as Template),
    legacySignatureHeader,
    read: compileBidRules(settings.responseRules, settings.responseValues),
  };
}
