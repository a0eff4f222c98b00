import { readAccount } from "#campaigns/account-records.ts";
import { operation } from "#configuration/history.ts";
import { type Author, recordChange } from "#configuration/history-records.ts";
import type { Database, Queryable } from "#database/database.ts";
import { readMovedCurrencies } from "#ledger/balance-records.ts";
import { type CostOf, lockCosts, readCampaignOfCost } from "#ledger/cost-records.ts";
import type { PartyEvent } from "#ledger/event.ts";
import { insertEvent } from "#ledger/event-records.ts";
import { type Amount, amountOfTenThousandths, inCurrency, negate } from "#money/amount.ts";
import { newUuid } from "#text/ids.ts";
import { currencyFor, type MoneyRefusal } from "./money.ts";

export interface WantedCost extends CostOf {
  /** Zero: there is no such cost. */
  amount: Amount;
  /** Null: the campaign's, or the supplier's own. */
  currency: string | null;
}

/** A cost as it stands now, and what stood there before. */
export interface SetCost {
  currency: string | null;
  replaced: Amount;
}

/**
 * Sets what a supplier costs for a day beside the payouts of its leads. What was set before of the same day, campaign and source is taken
 * back by an event of its own, as the ledger is never changed.
 */
export async function setCost(
  wanted: WantedCost,
  database: Database,
  author: Author,
): Promise<SetCost | MoneyRefusal | { refused: "no_such_campaign" }> {
  return database.write(async (tx) => {
    const account = await readAccount(tx, "supplier", wanted.supplierId);
    if (account === undefined) return { refused: "no_such_party" };
    const { campaignId } = wanted;
    const ofCampaign =
      campaignId === null ? undefined : await readCampaignOfCost(tx, campaignId, wanted.supplierId);
    if (campaignId !== null && ofCampaign === undefined) return { refused: "no_such_campaign" };
    const currencies = ofCampaign === undefined ? account.currencies : [ofCampaign];
    const moved = campaignId === null ? await readMovedCurrencies(tx, "supplier", wanted.supplierId) : [];
    const currency = currencyFor({ ...account, currencies }, wanted.currency, moved);
    if (typeof currency === "object" && currency !== null) return currency;
    const standing = await lockCosts(tx, wanted);
    const replaced = standing.find((each) => each.currency === currency)?.amount ?? NOTHING;
    const isSame = standing.length <= 1 && replaced === wanted.amount;
    if (!isSame) await replace(tx, { ...wanted, currency }, standing, author);
    return { currency, replaced };
  });
}

const NOTHING = amountOfTenThousandths(0);

async function replace(
  tx: Queryable,
  wanted: WantedCost,
  standing: readonly { currency: string | null; amount: Amount }[],
  author: Author,
): Promise<void> {
  const { supplierId, day, campaignId, source, amount, currency } = wanted;
  const of = { supplierId, day, campaignId, source, by: author.by };
  for (const each of standing) {
    const taken = negate(each.amount);
    await insertEvent(tx, costEvent(of, taken, each.currency, "Replaced"), author.now);
  }
  if (amount !== 0) await insertEvent(tx, costEvent(of, amount, currency, null), author.now);
  const path = `costs[${[day, campaignId, source].filter((part) => part !== null).join(" ")}]`;
  const from = standing.map((each) => inCurrency(each.amount, each.currency));
  const change = operation({ kind: "supplier", id: supplierId }, "cost_set", {
    path,
    ...(from.length > 0 && { from: from.join(", ") }),
    to: inCurrency(amount, currency),
  });
  await recordChange(tx, author, change);
}

function costEvent(
  of: CostOf & { by: string },
  amount: Amount,
  currency: string | null,
  note: string | null,
): PartyEvent {
  return {
    ...of,
    id: newUuid(),
    kind: "cost",
    buyerId: null,
    buyerAmount: NOTHING,
    supplierAmount: amount,
    currency,
    reference: null,
    note,
  };
}
