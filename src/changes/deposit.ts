import { type BuyerBilling, readBilling } from "#campaigns/billing-records.ts";
import { operation } from "#configuration/history.ts";
import { type Author, recordChange } from "#configuration/history-records.ts";
import type { Database } from "#database/database.ts";
import { addToBuyer } from "#ledger/balance-records.ts";
import { insertEvent } from "#ledger/event-records.ts";
import { type Amount, amountOfTenThousandths, formatAmount } from "#money/amount.ts";
import { depositIdOf, newUuid } from "#text/ids.ts";

/** What was paid in for a buyer. */
export interface Deposit {
  /** A UUID. */
  id: string;
  buyerId: string;
  amount: Amount;
  /** What the operator knows the payment by. */
  reference: string | null;
}

/** A deposit that was made: the buyer's balance with it. */
export interface PaidIn {
  deposit: Deposit;
  balance: Amount;
  buyer: BuyerBilling;
}

/** Pays money in for a buyer, by which the very next lead is decided. `too_large`: the balance could not be exact any more. */
export async function payIn(
  wanted: Omit<Deposit, "id">,
  database: Database,
  author: Author,
): Promise<PaidIn | "no_such_buyer" | "billed_by_hand" | "too_large"> {
  const buyer = await database.read((db) => readBilling(db, wanted.buyerId));
  if (buyer === undefined) return "no_such_buyer";
  if (buyer.billing.mode === "manual") return "billed_by_hand";
  const deposit = { id: newUuid(), ...wanted };
  const { id, buyerId, amount, reference } = deposit;
  try {
    const balance = await database.write(async (tx) => {
      const event = {
        id,
        kind: "payment",
        campaignId: null,
        buyerId,
        supplierId: null,
        buyerAmount: amount,
        supplierAmount: amountOfTenThousandths(0),
        currency: buyer.currency,
        reference,
        note: null,
        by: author.by,
      } as const;
      await insertEvent(tx, event, author.now);
      const after = await addToBuyer(tx, buyerId, amount);
      const change = operation({ kind: "buyer", id: buyerId }, "deposit_made", {
        path: `deposits[${depositIdOf(id)}]`,
        to: { amount: inItsCurrency(amount, buyer), reference },
      });
      await recordChange(tx, author, change);
      return after;
    });
    return { deposit, balance, buyer };
  } catch (error) {
    if (error instanceof RangeError) return "too_large";
    throw error;
  }
}

/** A buyer that is in no campaign yet has no currency: its amounts have two decimals, as most currencies do. */
export function inItsCurrency(amount: Amount, { currency }: BuyerBilling): string {
  return formatAmount(amount, currency ?? "USD");
}
