import { FormatRegistry, Type } from "@sinclair/typebox";
import { readBilling } from "#campaigns/billing-records.ts";
import { inItsCurrency, payIn } from "#changes/deposit.ts";
import { isStorable } from "#fields/reader.ts";
import { json } from "#http/body-form.ts";
import { type Route, route } from "#http/route.ts";
import { dataOf, money, moneyOrNull, named, objectOf, text, textOrNull, wordOf } from "#http/schema.ts";
import { exampleCall, invalidCall, notFound, pathParameter, refusalWords, reply } from "#http/words.ts";
import { readBuyerBalance } from "#ledger/balance-records.ts";
import { amountOfTenThousandths, parseAmount } from "#money/amount.ts";
import { depositIdOf } from "#text/ids.ts";
import { type AdminParts, authorOf } from "./parts.ts";

const BUYER = pathParameter("The buyer's id", "harbor-law");
const NO_BUYER = "There is no such buyer.";
const NO_AMOUNT = amountOfTenThousandths(0);
const AMOUNT = 'an amount above zero, in quotes, such as "500.00"';

FormatRegistry.Set("leadgate:payment", (written) => (parseAmount(written) ?? 0) > 0);
FormatRegistry.Set("leadgate:storable", isStorable);

const PAYMENT = Type.Object({
  amount: Type.String({
    format: "leadgate:payment",
    description: 'Decimal text above zero, such as "500.00"',
    mustBe: AMOUNT,
    code: (value: unknown) =>
      typeof value === "string" && parseAmount(value) === 0 ? "out_of_range" : "invalid_format",
  }),
  reference: Type.Optional(
    Type.Union([Type.String({ minLength: 1, maxLength: 200, format: "leadgate:storable" }), Type.Null()], {
      mustBe: "a text of 1 to 200 characters",
    }),
  ),
});

/** A buyer's money: what is paid in, and what is left. */
export function moneyRoutes({ database, operators, now }: AdminParts): Route[] {
  return [
    route({
      method: "post",
      path: "/api/v1/admin/buyers/:id/deposits",
      who: operators.operate,
      body: json(PAYMENT),
      async answer({ context, caller, params, body: { amount, reference = null } }) {
        const wanted = { buyerId: params.id, amount: parseAmount(amount) ?? NO_AMOUNT, reference };
        const paid = await payIn(wanted, database, authorOf(caller, { now }));
        if (paid === "no_such_buyer") return context.refuse("not_found", NO_BUYER);
        if (paid === "billed_by_hand") {
          return context.refuse("conflict", "This buyer is billed by hand and has no balance.");
        }
        if (paid === "too_large") return context.refuse("conflict", "The balance would become too large.");
        const { deposit, balance, buyer } = paid;
        const data = {
          id: depositIdOf(deposit.id),
          buyer_id: deposit.buyerId,
          amount: inItsCurrency(deposit.amount, buyer),
          reference: deposit.reference,
          balance: inItsCurrency(balance, buyer),
          currency: buyer.currency,
        };
        return context.json(201, { data });
      },
      words: {
        operation: "depositForBuyer",
        section: "Operators",
        summary: "Pay money in for a buyer",
        description: "Adds to the balance of a buyer with a wallet or on credit.",
        params: { id: BUYER },
        calls: {
          paid: exampleCall("A payment", { amount: "500.00", reference: "invoice 17" }, 201, {
            data: {
              id: "deposit_01k6a1npq7f9gtqf2hs6zkdsn4",
              buyer_id: "harbor-law",
              amount: "500.00",
              reference: "invoice 17",
              balance: "500.00",
              currency: "USD",
            },
          }),
          not_valid: invalidCall("Nothing", { amount: "0" }, ["amount", "out_of_range", `must be ${AMOUNT}`]),
        },
        replies: {
          201: reply("Paid in.", dataOf(DEPOSIT)),
          404: notFound("buyer"),
          409: refusalWords("The buyer is billed by hand, or its balance would become too large."),
        },
      },
    }),
    route({
      method: "get",
      path: "/api/v1/admin/buyers/:id/balance",
      who: operators.read,
      async answer({ context, params: { id } }) {
        const [buyer, { balance }] = await database.read((db) =>
          Promise.all([readBilling(db, id), readBuyerBalance(db, id)]),
        );
        if (buyer === undefined) return context.refuse("not_found", NO_BUYER);
        const { billing, currency } = buyer;
        const limit = billing.mode === "credit" ? parseAmount(billing.limit) : undefined;
        const data = {
          buyer_id: id,
          billing: billing.mode,
          balance: inItsCurrency(balance, buyer),
          credit_limit: limit === undefined ? null : inItsCurrency(limit, buyer),
          currency,
        };
        return context.json(200, { data });
      },
      words: {
        operation: "getBuyerBalance",
        section: "Operators",
        summary: "A buyer's balance",
        description: "What a buyer has paid in and not yet spent; below zero when it owes.",
        params: { id: BUYER },
        calls: {
          balance: exampleCall("A buyer on credit that has bought nothing yet", undefined, 200, {
            data: {
              buyer_id: "harbor-law",
              billing: "credit",
              balance: "0.00",
              credit_limit: "25000.00",
              currency: "USD",
            },
          }),
        },
        replies: { 200: reply("The balance.", dataOf(BALANCE)), 404: notFound("buyer") },
      },
    }),
  ];
}

const DEPOSIT = named(
  "Deposit",
  objectOf({
    id: text,
    buyer_id: text,
    amount: money,
    reference: textOrNull,
    balance: money,
    currency: textOrNull,
  }),
);

const BALANCE = named(
  "Balance",
  objectOf({
    buyer_id: text,
    billing: wordOf(["manual", "wallet", "credit"]),
    balance: money,
    credit_limit: moneyOrNull,
    currency: textOrNull,
  }),
);
