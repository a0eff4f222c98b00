import { type Static, Type } from "@sinclair/typebox";
import { type AdminParts, authorOf } from "#admin/parts.ts";
import type { AccountHolder } from "#campaigns/account-records.ts";
import { bookEvent, type MadeEvent, type MoneyRefusal, type WantedEvent } from "#changes/money.ts";
import { json } from "#http/body-form.ts";
import { type Route, route } from "#http/route.ts";
import { dataOf, named, objectOf, text, textOrNull } from "#http/schema.ts";
import { exampleCall, invalidCall, notFound, refusalWords, reply } from "#http/words.ts";
import { inCurrency, negate } from "#money/amount.ts";
import { depositIdOf, eventIdOf } from "#text/ids.ts";
import {
  ADJUSTED,
  CURRENCY,
  MADE_EVENT,
  note,
  PAID,
  PARTY_PARAMS,
  PARTY_PATHS,
  PAYMENT_AMOUNT,
  partyIdIn,
  REFERENCE,
  refuseMoney,
  sentAmount,
} from "./money-schemas.ts";

const PAYMENT = Type.Object({ amount: PAID, currency: CURRENCY, reference: REFERENCE });
const ADJUSTMENT = Type.Object({
  amount: ADJUSTED,
  currency: CURRENCY,
  note: { ...note(500), mustBe: "a text of 1 to 500 characters that says why" },
});

/** What operators put into the books: what buyers pay, what suppliers are paid, and what is put right by hand. */
export function paymentRoutes(parts: AdminParts): Route[] {
  return [
    depositRoute(parts),
    payoutRoute(parts),
    adjustmentRoute("buyer", parts),
    adjustmentRoute("supplier", parts),
  ];
}

function depositRoute({ database, operators, now }: AdminParts): Route {
  return route({
    method: "post",
    path: `${PARTY_PATHS.buyer}/deposits`,
    who: operators.operate,
    body: json(PAYMENT),
    async answer({ context, caller, params: { id }, body }) {
      const made = await bookEvent(paymentOf("buyer", id, body), database, authorOf(caller, { now }));
      if ("refused" in made) return refuseMoney(context, "buyer", made);
      const data = {
        id: depositIdOf(made.id),
        event_id: eventIdOf(made.id),
        buyer_id: id,
        ...paidAnswer(body, made),
      };
      return context.json(201, { data });
    },
    words: {
      operation: "depositForBuyer",
      section: "Operators",
      summary: "Pay money in for a buyer",
      description:
        "A payment of a buyer, however it is billed: it adds to what a wallet or credit may spend, and takes from what is owed.",
      params: PARTY_PARAMS.buyer,
      calls: {
        paid: exampleCall("A payment", { amount: "500.00", reference: "invoice 17" }, 201, {
          data: {
            id: "deposit_01k6a1npq7f9gtqf2hs6zkdsn4",
            event_id: "event_01k6a1npq7f9gtqf2hs6zkdsn4",
            buyer_id: "harbor-law",
            amount: "500.00",
            reference: "invoice 17",
            balance: "500.00",
            currency: "USD",
          },
        }),
        not_valid: invalidCall("Nothing", { amount: "0" }, [
          "amount",
          "out_of_range",
          `must be ${PAYMENT_AMOUNT}`,
        ]),
      },
      replies: {
        201: reply("Paid in.", dataOf(DEPOSIT)),
        404: notFound("buyer"),
        409: refusalWords("The balance would become too large, or a currency has to be named."),
      },
    },
  });
}

function payoutRoute({ database, operators, now }: AdminParts): Route {
  return route({
    method: "post",
    path: `${PARTY_PATHS.supplier}/payments`,
    who: operators.operate,
    body: json(PAYMENT),
    async answer({ context, caller, params: { supplier: id }, body }) {
      const made = await bookEvent(paymentOf("supplier", id, body), database, authorOf(caller, { now }));
      if ("refused" in made) return refuseMoney(context, "supplier", made);
      const data = { id: eventIdOf(made.id), supplier_id: id, ...paidAnswer(body, made) };
      return context.json(201, { data });
    },
    words: {
      operation: "paySupplier",
      section: "Operators",
      summary: "Put on record that a supplier was paid",
      description: "Takes from what the supplier is owed. What was paid ahead is below zero.",
      params: PARTY_PARAMS.supplier,
      calls: {
        paid: exampleCall("A payment", { amount: "500.00", reference: "transfer 4711" }, 201, {
          data: {
            id: "event_01k6a1npq7f9gtqf2hs6zkdsn4",
            supplier_id: "acme-media",
            amount: "500.00",
            reference: "transfer 4711",
            balance: "-500.00",
            currency: "USD",
          },
        }),
      },
      replies: {
        201: reply("On record.", dataOf(PAYOUT)),
        404: notFound("supplier"),
        409: refusalWords("The balance would become too large, or a currency has to be named."),
      },
    },
  });
}

function adjustmentRoute(party: AccountHolder, { database, operators, now }: AdminParts): Route {
  return route({
    method: "post",
    path: `${PARTY_PATHS[party]}/adjustments`,
    who: operators.operate,
    body: json(ADJUSTMENT),
    async answer({ context, caller, params, body }) {
      const id = partyIdIn(params);
      const made = await bookEvent(adjustmentOf(party, id, body), database, authorOf(caller, { now }));
      if ("refused" in made) return refuseMoney(context, party, made);
      const { currency } = made.balance;
      const data = {
        id: eventIdOf(made.id),
        [`${party}_id`]: id,
        amount: inCurrency(sentAmount(body.amount), currency),
        note: body.note,
        balance: inCurrency(made.balance.balance, currency),
        currency,
      };
      return context.json(201, { data });
    },
    words: {
      operation: party === "buyer" ? "adjustBuyer" : "adjustSupplier",
      section: "Operators",
      summary: `Put a ${party}'s balance right`,
      description: ADJUSTMENT_WORDS[party],
      params: PARTY_PARAMS[party],
      calls: {
        adjusted: exampleCall("Less, by agreement", { amount: "-12.50", note: "agreed by phone" }, 201, {
          data: {
            id: "event_01k6a1npq7f9gtqf2hs6zkdsn4",
            [`${party}_id`]: party === "buyer" ? "harbor-law" : "acme-media",
            amount: "-12.50",
            note: "agreed by phone",
            balance: "-12.50",
            currency: "USD",
          },
        }),
      },
      replies: {
        201: reply("On record.", dataOf(party === "buyer" ? BUYER_ADJUSTMENT : SUPPLIER_ADJUSTMENT)),
        404: notFound(party),
        409: refusalWords("The balance does not bear it, or a currency has to be named."),
      },
    },
  });
}

const ADJUSTMENT_WORDS: Record<AccountHolder, string> = {
  buyer: `Adds to the buyer's balance, or takes from it where the amount is below zero, with a note that says why. A wallet cannot
be brought below zero, nor a credit over its limit.`,
  supplier:
    "Adds to what the supplier is owed, or takes from it where the amount is below zero, with a note that says why.",
};

function paymentOf(party: AccountHolder, id: string, body: Static<typeof PAYMENT>): WantedEvent {
  const paid = sentAmount(body.amount);
  const common = {
    party,
    id,
    currency: body.currency ?? null,
    reference: body.reference ?? null,
    note: null,
  };
  return party === "buyer"
    ? { ...common, kind: "payment", amount: paid }
    : { ...common, kind: "payout", amount: negate(paid) };
}

function adjustmentOf(party: AccountHolder, id: string, body: Static<typeof ADJUSTMENT>): WantedEvent {
  const { amount, currency = null, note: why } = body;
  return { party, id, kind: "adjustment", amount: sentAmount(amount), currency, reference: null, note: why };
}

function paidAnswer(
  { amount, reference = null }: Static<typeof PAYMENT>,
  { balance }: Exclude<MadeEvent, MoneyRefusal>,
) {
  const { currency } = balance;
  return {
    amount: inCurrency(sentAmount(amount), currency),
    reference,
    balance: inCurrency(balance.balance, currency),
    currency,
  };
}

const DEPOSIT = named(
  "Deposit",
  objectOf({ id: text, event_id: text, buyer_id: text, reference: textOrNull, ...MADE_EVENT }),
);
const PAYOUT = named(
  "Payout",
  objectOf({ id: text, supplier_id: text, reference: textOrNull, ...MADE_EVENT }),
);
const BUYER_ADJUSTMENT = named(
  "BuyerAdjustment",
  objectOf({ id: text, buyer_id: text, note: text, ...MADE_EVENT }),
);
const SUPPLIER_ADJUSTMENT = named(
  "SupplierAdjustment",
  objectOf({ id: text, supplier_id: text, note: text, ...MADE_EVENT }),
);
