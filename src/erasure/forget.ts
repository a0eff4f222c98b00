import type { Database } from "#database/database.ts";
import { arrayText } from "#database/statement.ts";
import { readCampaignIds } from "#leads/lead-records.ts";
import type { SoughtPerson } from "#people/person-key.ts";
import { newUuid } from "#text/ids.ts";
import { forgetLeads } from "./erase.ts";
import { readBuyersWithWindows } from "./erase-records.ts";
import { addToOrder, finishOrder, insertOrder, leadsOf, lockOrder } from "./order-records.ts";
import { rememberedKeys } from "./remembered-keys.ts";
import { hasUnkeyed } from "./unkeyed-records.ts";

export interface ForgetParts {
  database: Database;
  pepper: Uint8Array;
}

/** Who is to be forgotten, and the suppression list that the person was put on before that. */
export interface Wanted {
  sought: SoughtPerson;
  suppressOn: string | null;
  by: string;
}

/**
 * Orders that a person be forgotten: whoever is found by the phone, and whoever by the e-mail. Answers the order's UUID. The order keeps
 * only keyed hashes, and none when it is carried out.
 */
export async function orderErasure(
  { sought: { phone, email }, suppressOn, by }: Wanted,
  { database, pepper }: ForgetParts,
  now: Date,
): Promise<string> {
  const id = newUuid();
  const keys = { phone: phone?.key ?? null, email: email?.key ?? null };
  const values = { ...(phone && { phone: phone.value }), ...(email && { email: email.value }) };
  await database.write(async (tx) => {
    const [campaigns, buyers] = await Promise.all([readCampaignIds(tx), readBuyersWithWindows(tx)]);
    const comparedKeys = arrayText(rememberedKeys(pepper, values, { campaigns, buyers }));
    await insertOrder(tx, { id, ...keys, comparedKeys, suppressOn, by }, now.toISOString());
  });
  return id;
}

/** Leads in one transaction: few, so that whoever decides leads hardly waits. */
const LEADS_AT_ONCE = 20;

/** How far a step got: `waiting` for what is just being sent or asked, `elsewhere` when another server is at it. */
export type Progress = "more" | "waiting" | "done" | "elsewhere";

/**
 * Goes on with an order (a UUID) by one transaction, which counts what it erased: a server that dies in the middle has either done a
 * step and counted it, or neither. The person is forgotten when a step finds no lead any more.
 */
export async function carryOn(id: string, { database, pepper }: ForgetParts, now: Date): Promise<Progress> {
  return database.write(async (tx) => {
    const order = await lockOrder(tx, id);
    if (order === undefined) return "elsewhere";
    const found = await leadsOf(tx, order, LEADS_AT_ONCE);
    if (found.length === 0) {
      if (await hasUnkeyed(tx)) return "waiting";
      await finishOrder(tx, id, now.toISOString());
      return "done";
    }
    const { erased, left } = await forgetLeads(tx, found, { pepper, person: order }, now);
    await addToOrder(tx, id, erased);
    return left.length < found.length ? "more" : "waiting";
  });
}
