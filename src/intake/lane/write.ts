import { writeRows } from "#database/batch.ts";
import type { Queryable } from "#database/database.ts";
import type { Known } from "#intake/decide/state.ts";
import { insertLeads, reopenedRows } from "#leads/lead-write-records.ts";
import { furtherSaleRows } from "#leads/sale-records.ts";
import type { Taken } from "./entry.ts";
import { keyRows } from "./keys-records.ts";
import { redeemedRows } from "./redeemed-records.ts";
import { usageRows } from "./usage-records.ts";

/** Writes the leads of a batch, and all that they changed, in statements that do not wait for one another. */
export async function write(db: Queryable, known: Known, leads: readonly Taken[], now: Date): Promise<void> {
  const { id: campaign, currency, revision } = known.campaign;
  const at = now.toISOString();
  const arrived = leads.filter(({ prior }) => prior === null);
  const reopened = leads.filter(({ prior }) => prior !== null);
  await Promise.all([
    insertLeads(db, arrived, { campaign, currency, revision, at }),
    ...writeRows(db, campaign, at, [
      reopenedRows(reopened, revision),
      ...keyRows(leads, known, now),
      ...usageRows(leads, known),
      furtherSaleRows(leads),
      redeemedRows(leads),
    ]),
  ]);
}
