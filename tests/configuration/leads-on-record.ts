import { builderOn } from "#database/builder.ts";
import type { Database } from "#database/database.ts";
import { campaignCounters, leads, sales } from "#database/tables.ts";

export interface SoldLead {
  at: Date;
  price?: string;
  payout?: string;
  isTest?: boolean;
  buyerId?: string;
}

/** Puts a lead that was sold, to the full document's buyer unless it is said otherwise, on record, and answers with its id, which is of its time. */
export async function addLead(
  database: Database,
  { at, price = "40", payout = "12", isTest = false, buyerId = "buyer_abc" }: SoldLead,
): Promise<string> {
  const id = Bun.randomUUIDv7("hex", at);
  await database.write(async (tx) => {
    await builderOn(tx).insert(leads).values({
      id,
      campaignId: "campaign_abc123",
      supplierId: "supplier_xyz789",
      status: "ACCEPTED",
      isTest,
      currency: "USD",
      revision: 1,
      decidedAt: at.toISOString(),
      requestId: "r",
      fields: {},
      trace: [],
    });
    await builderOn(tx)
      .insert(sales)
      .values({
        id: Bun.randomUUIDv7("hex", at),
        campaignId: "campaign_abc123",
        leadId: id,
        buyerId,
        place: 1,
        status: "sold",
        price,
        payout,
        currency: "USD",
        soldAt: at.toISOString(),
        supplierId: "supplier_xyz789",
        isTest,
      });
  });
  return id;
}

/** Counters as a lane leaves them: of the given totals, with nothing said of any period. */
export async function addCounter(
  database: Database,
  party: "contract" | "supplier",
  total: { leads: number; amount: string },
) {
  const epoch = new Date(0).toISOString();
  await database.write(async (tx) => {
    await builderOn(tx)
      .insert(campaignCounters)
      .values({
        campaignId: "campaign_abc123",
        party,
        partyId: party === "contract" ? "buyer_abc" : "supplier_xyz789",
        hourStart: epoch,
        hourLeads: 0,
        hourAmount: "0",
        dayStart: epoch,
        dayLeads: 0,
        dayAmount: "0",
        weekStart: epoch,
        weekLeads: 0,
        weekAmount: "0",
        monthStart: epoch,
        monthLeads: 0,
        monthAmount: "0",
        totalLeads: total.leads,
        totalAmount: total.amount,
        lastTurn: 3,
        owed: 0,
      });
  });
}
