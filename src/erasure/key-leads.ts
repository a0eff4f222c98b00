import { personKeysOf } from "#people/person-key.ts";
import type { ForgetParts } from "./forget.ts";
import { lockUnkeyed, writeKeys } from "./unkeyed-records.ts";

const LEADS_AT_ONCE = 250;

/** Keys some of the leads that an earlier release wrote, so that their people can be found. False when there are no more of them here. */
export async function keySomeLeads({ database, pepper }: ForgetParts): Promise<boolean> {
  const keyed = await database.write(async (tx) => {
    const leads = await lockUnkeyed(tx, LEADS_AT_ONCE);
    if (leads.length > 0)
      await writeKeys(
        tx,
        leads.map((lead) => ({ id: lead.id, ...personKeysOf(pepper, { ...lead }) })),
      );
    return leads.length;
  });
  return keyed === LEADS_AT_ONCE;
}
