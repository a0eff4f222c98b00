import { createReadStream } from "node:fs";
import { forgetMasterKey } from "#access/master-key-records.ts";
import { DamagedBackup, fromFile, UnverifiedBackup } from "#backup/file.ts";
import { headerOf, load, WronglyLoaded } from "#backup/load.ts";
import { type Header, secretFingerprint } from "#backup/part.ts";
import { recountOfCampaigns } from "#campaigns/recount-records.ts";
import { CommandFailure, command } from "#cli/command/command.ts";
import { startProgress } from "#cli/command/progress.ts";
import { DatabaseRefused, DatabaseUnavailable } from "#database/database.ts";
import { fillEmptyDatabase } from "#database/engine/empty-database.ts";
import { newestStep } from "#database/migrate.ts";
import { keptSecret, keyFor } from "#runtime/secrets.ts";

/** Puts a backup into a database that holds nothing, all of it or nothing. No server may run on it. */
export const restore = command({
  name: "restore",
  purpose: "put a backup into a database that holds nothing",
  example: "DATA_DIR=./restored leadgate restore leadgate.backup",
  options: {
    "--other-secret": "also when the backup was made with another master key",
    "--unverified": "also when the master key does not prove who wrote the backup",
  },
  forms: {
    async FILE({ FILE, "other-secret": isOtherSecretAllowed, unverified }, context) {
      const settings = context.settings();
      const secret = await keptSecret(settings);
      if (secret === undefined && !unverified) throw new CommandFailure(NO_PROOF);
      const secretKey = secret === undefined ? undefined : keyFor("stored-secrets", secret);
      const progress = startProgress("Restoring", context.writeError);
      let operatorKeys = 0;
      const tell = (table: string, rows: number) => {
        if (table === "operator_keys") operatorKeys = rows;
        progress.tell(table, rows);
      };
      const header = await explainFailure(async () => {
        const parts = fromFile(createReadStream(FILE), unverified ? undefined : secretKey);
        const found = await headerOf(parts);
        if (!isOtherSecretAllowed) refuseOtherSecret(found, secretKey);
        if (found.spread === true && found.schema !== newestStep()) throw new CommandFailure(OTHER_VERSION);
        await fillEmptyDatabase(settings.database, found.schema, async (within) => {
          await load(parts, within, tell);
          await within(forgetMasterKey);
          if (found.spread === true) await within((tx) => recountOfCampaigns(tx, new Date()));
        });
        return found;
      }).finally(() => progress.end());
      context.write(
        `${progress.rows().toLocaleString("en-US")} rows restored and verified, as they were at ${header.madeAt}. ` +
          `Keys of operators among them: ${operatorKeys}.\n`,
      );
      if (header.spread === true) context.write(`${COUNTED_ANEW}\n`);
      if (unverified) context.writeError(`${UNVERIFIED}\n`);
      if (secret === undefined) context.writeError(`${NO_SECRET}\n`);
    },
  },
});

const COUNTED_ANEW =
  "Its tables were spread over nodes: each campaign is as it was at one moment, and not all of them at the same. What buyers " +
  "have used of their caps was counted anew, from what their campaigns hold. To spread it again: leadgate database distribute.";

const OTHER_VERSION =
  "The backup is of a database that was spread over nodes, and of another version: restore it by that one, and upgrade then.";

const NO_PROOF =
  "Without the master key nothing proves that the backup is as it was written: whoever changed it may have put a key " +
  "of their own in. Put the key back first (LEADGATE_SECRET, or the file secret in DATA_DIR), or restore all the same " +
  "with --unverified.";

const UNVERIFIED =
  "Who wrote the backup was not verified: look at the keys of operators (leadgate operator-keys list) before others can " +
  "reach the server.";

const NO_SECRET =
  "Before the server is started, put back the master key that belongs to this backup: LEADGATE_SECRET, or the " +
  "file secret in DATA_DIR. A new one would match none of the suppression entries and duplicates.";

/** With another key, people on suppression lists would be called, and signing secrets could not be read. */
function refuseOtherSecret(header: Header, secretKey: Uint8Array | undefined): void {
  if (secretKey === undefined || secretFingerprint(secretKey) === header.secretFingerprint) return;
  throw new CommandFailure(
    "The backup was made with another master key than LEADGATE_SECRET, or the file secret in DATA_DIR, holds " +
      "now: suppression lists and duplicates would match nobody. Put that key back first, or restore all the same " +
      "with --other-secret --unverified.",
  );
}

/** Why rows could not be put into a database, for the one who asked for it. */
export async function explainFailure<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DamagedBackup) {
      throw new CommandFailure(`${error.message} Nothing was put into the database.`);
    }
    if (error instanceof UnverifiedBackup) {
      throw new CommandFailure(
        `${error.message} Nothing was put into the database; --unverified restores it all the same.`,
      );
    }
    if (error instanceof DatabaseRefused || error instanceof WronglyLoaded) {
      throw new CommandFailure(error.message);
    }
    if (error instanceof DatabaseUnavailable) {
      throw new CommandFailure("The database cannot be reached, or went away. Nothing was put into it.");
    }
    if (["ENOENT", "EACCES", "EISDIR"].includes(String((error as NodeJS.ErrnoException).code))) {
      throw new CommandFailure("The backup cannot be read.");
    }
    throw error;
  }
}
