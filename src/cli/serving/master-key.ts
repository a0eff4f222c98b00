import { noteMasterKey, readMasterKey } from "#access/master-key-records.ts";
import { secretFingerprint } from "#backup/part.ts";
import { holdsKeyedData } from "#database/contents.ts";
import type { Database } from "#database/database.ts";
import { fitsStored, keptSecret, keyFor, loadOrCreateSecrets, type Secrets } from "#runtime/secrets.ts";
import type { Settings } from "#runtime/settings.ts";

interface Begun {
  database: Database;
  now: Date;
  /** The key that the database was begun with is lost. */
  isOtherSecretAllowed: boolean;
}

/**
 * The secrets that a server lives on; a text: why the master key cannot be that of what is stored, as far as that shows. Which it is is
 * noted in the database by the first server that starts on it, so that none starts with another.
 */
export async function fittingSecrets(
  settings: Pick<Settings, "dataDir" | "secret" | "adminKey">,
  { database, now, isOtherSecretAllowed }: Begun,
): Promise<Secrets | string> {
  const kept = await keptSecret(settings);
  // A key that was made now would fit nothing of it; at the next start it would be taken for the right one.
  if (kept === undefined && (await isKeyed(database))) return LOST_SECRET;
  const isRight = kept === undefined || (await fits(kept, database, now));
  if (!isRight && !isOtherSecretAllowed) return OTHER_SECRET;
  const secrets = await loadOrCreateSecrets(settings);
  const own = fingerprintOf(secrets.secret);
  // Another server may have been the first meanwhile.
  const noted = await database.write((tx) => noteMasterKey(tx, own, isOtherSecretAllowed));
  return noted === own ? secrets : OTHER_SECRET;
}

/** Whether there is a key already that has to be found. */
async function isKeyed(database: Database): Promise<boolean> {
  return (await database.read(readMasterKey)) !== undefined || (await holdsKeyedData(database));
}

/** Whether this key may be it, as far as what was noted of it and the signing secrets show. */
async function fits(secret: string, database: Database, now: Date): Promise<boolean> {
  const own = fingerprintOf(secret);
  const noted = (await database.read(readMasterKey)) ?? own;
  return noted === own && (await fitsStored(secret, database, now));
}

function fingerprintOf(secret: string): string {
  return secretFingerprint(keyFor("stored-secrets", secret));
}

const LOST_SECRET =
  "The master key that the database was begun with was not found: set LEADGATE_SECRET to it, or put its file secret back into DATA_DIR. " +
  "None was made. When it is lost for good: set another one, and leadgate serve --other-secret.";

const OTHER_SECRET =
  "The master key is not the one that the database was begun with, and that its other servers have. Set LEADGATE_SECRET to that one, or " +
  "put its file secret back into DATA_DIR. With another, nothing could be sent, and duplicates and suppression lists would match " +
  "nobody. When it is lost for good: leadgate serve --other-secret, then give each recipient a new signing secret " +
  "(leadgate buyers secret ID --overlap 0), and apply the document with the credentials of its endpoints.";
