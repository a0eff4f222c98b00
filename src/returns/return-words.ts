import { Type } from "@sinclair/typebox";
import { RETURN_REASONS } from "#campaigns/document.ts";
import { json } from "#http/body-form.ts";
import type { ReplyFieldError } from "#http/reply.ts";
import {
  currency,
  flag,
  listOf,
  money,
  named,
  objectOf,
  text,
  textOrNull,
  time,
  timeOrNull,
  wordOf,
} from "#http/schema.ts";
import { type LeadReturn, RETURN_STATUSES } from "#leads/return.ts";
import { formatAmount } from "#money/amount.ts";
import { leadIdOf, returnIdOf, saleIdOf } from "#text/ids.ts";
import { isoOf } from "#time/iso.ts";
import type { ReturnOffer } from "./return-offer.ts";

/** A note of at most so many characters. */
const LONGEST_NOTE = 2000;

const NOTE = Type.String({
  minLength: 1,
  maxLength: LONGEST_NOTE,
  mustBe: `a text of 1 to ${LONGEST_NOTE} characters`,
});

const REASON = Type.Union(
  RETURN_REASONS.map((reason) => Type.Literal(reason)),
  { type: "string", enum: RETURN_REASONS, mustBe: `one of ${RETURN_REASONS.join(", ")}` },
);

const ID = (what: string) => Type.String({ minLength: 1, maxLength: 200, mustBe: what });

/** What an operator says who gives a lead back for a buyer. */
export const ASKED_BY_OPERATOR = json(
  Type.Object({ buyer_id: Type.Optional(ID("a buyer's id")), reason: REASON, note: Type.Optional(NOTE) }),
  otherNeedsANote,
);

/** What a buyer says who gives a lead back. */
export const ASKED_BY_BUYER = json(
  Type.Object({ lead_id: ID("a lead's id"), reason: REASON, note: Type.Optional(NOTE) }),
  otherNeedsANote,
);

/** Why a return is rejected. */
export const REJECTION = json(Type.Object({ note: NOTE }));

function otherNeedsANote({ reason, note }: { reason?: string; note?: string }): ReplyFieldError[] {
  if (reason !== "other" || note !== undefined) return [];
  return [{ field: "note", code: "required", message: "is required where the reason is other" }];
}

const SHOWN = {
  id: text,
  sale_id: text,
  lead_id: text,
  campaign_id: text,
  buyer_id: text,
  reason: wordOf(RETURN_REASONS),
  note: textOrNull,
  status: wordOf(RETURN_STATUSES),
  amount: { ...money, description: "What the buyer gets back." },
  currency,
  asked_at: time,
  accepted_at: {
    ...timeOrNull,
    description: "While it is pending: when it is accepted if nobody decides it.",
  },
  decided_at: timeOrNull,
  decision_note: textOrNull,
};

export const RETURN = named("Return", objectOf({ ...SHOWN, asked_by: text, decided_by: textOrNull }));
export const OWN_RETURN = named("OwnReturn", objectOf(SHOWN));

/** A return as its buyer sees it. */
export function ownReturnAnswer(each: LeadReturn) {
  return {
    id: returnIdOf(each.id),
    sale_id: saleIdOf(each.saleId),
    lead_id: leadIdOf(each.leadId),
    campaign_id: each.campaignId,
    buyer_id: each.buyerId,
    reason: each.reason,
    note: each.note,
    status: each.status,
    amount: formatAmount(each.amount, each.currency),
    currency: each.currency,
    asked_at: isoOf(each.askedAt),
    accepted_at: each.status === "pending" ? isoOf(each.acceptAt) : null,
    decided_at: isoOf(each.decidedAt),
    decision_note: each.decisionNote,
  };
}

/** What a buyer is told of whether it may give a lead back. */
export const RETURN_OFFER = named(
  "ReturnOffer",
  objectOf({
    allowed: flag,
    why_not: { ...textOrNull, description: "A sentence, where it is not." },
    until: { ...timeOrNull, description: "When it can be given back no more." },
    reasons: listOf(wordOf(RETURN_REASONS), "For which it can be given back."),
    asked: {
      anyOf: [OWN_RETURN, { type: "null" }],
      description: "What was asked before, and what became of that.",
    },
  }),
);

export function returnOfferAnswer({ whyNot, until, reasons, asked }: ReturnOffer) {
  return {
    allowed: whyNot === null,
    why_not: whyNot,
    until: isoOf(until),
    reasons,
    asked: asked && ownReturnAnswer(asked),
  };
}

/** A return as operators see it. */
export function returnAnswer(each: LeadReturn) {
  return { ...ownReturnAnswer(each), asked_by: each.askedBy, decided_by: each.decidedBy };
}

export const EXAMPLE_RETURN = {
  id: "return_01k6a1npq7f9gtqf2hs6zkdsn4",
  sale_id: "sale_01k6a1npq7f9gtqf2hs6zkdsn4",
  lead_id: "lead_01k6a1npq7f9gtqf2hs6zkdsn4",
  campaign_id: "solar",
  buyer_id: "national-solar",
  reason: "bad_contact",
  note: null,
  status: "pending",
  amount: "25.00",
  currency: "USD",
  asked_at: "2026-01-13T17:00:00.000Z",
  accepted_at: null,
  decided_at: null,
  decision_note: null,
};
