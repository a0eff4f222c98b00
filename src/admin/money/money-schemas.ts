import { FormatRegistry, Type } from "@sinclair/typebox";
import type { Account } from "#campaigns/account-records.ts";
import type { MoneyRefusal } from "#changes/money.ts";
import { isStorable } from "#fields/reader.ts";
import type { RequestContext } from "#http/context.ts";
import { money, textOrNull } from "#http/schema.ts";
import { pathParameter } from "#http/words.ts";
import type { Balance } from "#ledger/balance-records.ts";
import { balancesShown, onlyBalance } from "#ledger/balance-words.ts";
import {
  type Amount,
  amountOfTenThousandths,
  inCurrency,
  isCurrency,
  moneyTotal,
  parseAmount,
  parseSignedAmount,
} from "#money/amount.ts";

FormatRegistry.Set("leadgate:payment", (written) => (parseAmount(written) ?? 0) > 0);
FormatRegistry.Set("leadgate:amount", (written) => parseAmount(written) !== undefined);
FormatRegistry.Set("leadgate:adjustment", (written) => (parseSignedAmount(written) ?? 0) !== 0);
FormatRegistry.Set("leadgate:currency", isCurrency);
FormatRegistry.Set("leadgate:storable", isStorable);

const isZero = (value: unknown) => typeof value === "string" && parseSignedAmount(value) === 0;

/** Money that is paid. */
export const PAYMENT_AMOUNT = 'an amount above zero, in quotes, such as "500.00"';
export const PAID = Type.String({
  format: "leadgate:payment",
  description: 'Decimal text above zero, such as "500.00"',
  mustBe: PAYMENT_AMOUNT,
  code: (value: unknown) => (isZero(value) ? "out_of_range" : "invalid_format"),
});

/** Money that is added to a balance, or taken from it. */
export const ADJUSTED = Type.String({
  format: "leadgate:adjustment",
  description: 'Decimal text that is not zero, such as "-12.50"',
  mustBe: 'an amount other than zero, in quotes, such as "-12.50"',
  code: (value: unknown) => (isZero(value) ? "out_of_range" : "invalid_format"),
});

export const CURRENCY = Type.Optional(
  Type.Union([Type.String({ format: "leadgate:currency" }), Type.Null()], {
    mustBe: "an ISO 4217 code, such as USD",
    description: "ISO 4217; needed only where the party's campaigns are in several",
  }),
);

/** A text of an operator's. */
export function note(most: number) {
  return Type.String({ minLength: 1, maxLength: most, format: "leadgate:storable" });
}

export const REFERENCE = Type.Optional(
  Type.Union([note(200), Type.Null()], { mustBe: "a text of 1 to 200 characters" }),
);

const BUYER = pathParameter("The buyer's id", "harbor-law");
const SUPPLIER = pathParameter("The supplier's id", "acme-media");

/** Where each kind of party is found; what other routes call the id in there. */
export const PARTY_PATHS = {
  buyer: "/api/v1/admin/buyers/:id",
  supplier: "/api/v1/admin/suppliers/:supplier",
} as const;

/** The party's id in the path of one of those. */
export function partyIdIn(params: Readonly<Record<string, string>>): string {
  return params.id ?? params.supplier ?? "";
}

/** The same for documents. */
export const PARTY_PARAMS = { buyer: { id: BUYER }, supplier: { supplier: SUPPLIER } } as const;

/** The amount of a body that has the form of one. */
export function sentAmount(text: string): Amount {
  return parseSignedAmount(text) ?? NOTHING;
}

/** What operators see of a balance; where there are several, a sentence says so. */
export function balanceAnswer({ party, id, billing }: Account, balances: readonly Balance[]) {
  const only = onlyBalance(balances);
  const limit = billing?.mode === "credit" ? parseAmount(billing.limit) : undefined;
  const { balance, currency, balances: shown } = balancesShown(balances);
  const low = billing?.low_balance === undefined ? undefined : parseAmount(billing.low_balance);
  return {
    [`${party}_id`]: id,
    ...(billing !== null && { billing: billing.mode }),
    balance,
    ...(billing !== null && {
      spendable: only === undefined ? null : inCurrency(only.spendable, currency),
      credit_limit: limit === undefined ? null : inCurrency(limit, currency),
      low_balance: low === undefined ? null : inCurrency(low, currency),
      is_low: only !== undefined && low !== undefined && only.spendable + moneyTotal(limit ?? NOTHING) < low,
    }),
    currency,
    balances: shown,
    ...(only === undefined && {
      message: severalCurrencies(balances.map((each) => each.currency ?? "none")),
    }),
  };
}

const NOTHING = amountOfTenThousandths(0);

function severalCurrencies(currencies: readonly string[]): string {
  return `This party's campaigns are in several currencies, which are not added up: ${currencies.join(", ")}.`;
}

export const MADE_EVENT = { amount: money, balance: money, currency: textOrNull };

/** Why nothing was put into the books. */
export function refuseMoney(context: RequestContext, party: string, refusal: MoneyRefusal): Response {
  switch (refusal.refused) {
    case "no_such_party":
      return context.refuse("not_found", `There is no such ${party}.`);
    case "which_currency":
      return context.refuse(
        "conflict",
        `The campaigns of this ${party} are in ${refusal.currencies.join(" and ")}: name one of them as currency.`,
      );
    case "other_currency":
      return context.refuse(
        "conflict",
        refusal.currencies.length === 0
          ? `This ${party} is in no campaign yet, so its balance is in the currency of its first one: leave the currency out.`
          : `The campaigns of this ${party} are in ${refusal.currencies.join(" and ")} alone.`,
      );
    case "overdrawn":
      return context.refuse(
        "conflict",
        `The balance does not bear it: there is ${refusal.spendable}, a wallet is never below zero, and a credit never over its limit.`,
      );
    case "too_large":
      return context.refuse("conflict", "The balance would become too large.");
  }
}
