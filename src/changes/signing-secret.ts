import { lockConfigurations } from "#campaigns/campaign-lock-records.ts";
import { readRecipient } from "#campaigns/recipient-records.ts";
import { operation } from "#configuration/history.ts";
import { type Author, recordChange } from "#configuration/history-records.ts";
import type { Database } from "#database/database.ts";
import { rotateSecret } from "#delivery/recipients/signing-secret-records.ts";
import { type ConfiguredRecipient, parseRecipient } from "#endpoints/recipient.ts";

/**
 * Makes a recipient's signing secret, or a new one beside which the one before signs for a while; it is shown this once. Undefined when
 * there is no such recipient.
 */
export async function giveSecret(
  recipient: ConfiguredRecipient,
  overlapSeconds: number,
  { database, secretKey }: { database: Database; secretKey: Uint8Array },
  author: Author,
): Promise<string | undefined> {
  return database.write(async (tx) => {
    // Whoever deletes the recipient deletes its secrets: one that came after that would be of the next with this id.
    await lockConfigurations(tx);
    if ((await readRecipient(tx, recipient)) === undefined) return undefined;
    const secret = await rotateSecret(tx, recipient, secretKey, author.now, overlapSeconds);
    const difference = { path: "overlap_seconds", to: overlapSeconds };
    await recordChange(tx, author, operation(parseRecipient(recipient), "secret_rotated", difference));
    return secret;
  });
}
