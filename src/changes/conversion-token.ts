import { lockConfigurations } from "#campaigns/campaign-lock-records.ts";
import { readRecipient } from "#campaigns/recipient-records.ts";
import { operation } from "#configuration/history.ts";
import { type Author, recordChange } from "#configuration/history-records.ts";
import type { Database } from "#database/database.ts";
import { storeSecret } from "#delivery/recipients/signing-secret-records.ts";
import type { Recipient } from "#endpoints/recipient.ts";

/** Stores the token by which Meta takes a conversion's events, in place of the one before; false when there is no such conversion. */
export async function setToken(
  id: string,
  token: string,
  { database, secretKey }: { database: Database; secretKey: Uint8Array },
  author: Author,
): Promise<boolean> {
  const recipient: Recipient = `conversion:${id}`;
  return database.write(async (tx) => {
    await lockConfigurations(tx);
    if ((await readRecipient(tx, recipient)) === undefined) return false;
    await storeSecret(tx, recipient, token, secretKey, { now: author.now, overlapSeconds: 0 });
    await recordChange(tx, author, operation({ kind: "conversion", id }, "token_set"));
    return true;
  });
}
