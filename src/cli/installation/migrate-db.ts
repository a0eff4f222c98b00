import { existsSync } from "node:fs";
import { join } from "node:path";
import { forgetMasterKey } from "#access/master-key-records.ts";
import { dump } from "#backup/dump.ts";
import { headerOf, load } from "#backup/load.ts";
import { secretFingerprint } from "#backup/part.ts";
import { CommandFailure, command } from "#cli/command/command.ts";
import { startProgress } from "#cli/command/progress.ts";
import { openDatabase } from "#database/engine/connect.ts";
import { fillEmptyDatabase } from "#database/engine/empty-database.ts";
import { hostsIn } from "#database/engine/hosts.ts";
import { keptSecret, keyFor } from "#runtime/secrets.ts";
import type { Settings } from "#runtime/settings.ts";
import { version } from "../../../package.json" with { type: "json" };
import { explainFailure } from "./restore.ts";

/**
 * Copies the embedded database into a Postgres that holds nothing, in one transaction. The embedded one is only read. The server must be
 * stopped: the directory's lock says so.
 */
export const migrateDatabase = command({
  name: "migrate-db",
  purpose: "copy the embedded database into an empty Postgres; stop the server first",
  example: "leadgate migrate-db --to postgres://leadgate@localhost/leadgate",
  options: { "--to URL": "the Postgres to fill" },
  forms: {
    async "--to URL"({ to: target = "" }, context) {
      const settings = context.settings();
      const { dataDir } = settings;
      const to = postgresUrl(target);
      if (!existsSync(join(dataDir, "database", "PG_VERSION"))) {
        throw new CommandFailure("There is no embedded database in DATA_DIR.");
      }
      const progress = startProgress("Copying", context.writeError);
      await explainFailure(async () => await copy(settings, to, progress.tell)).finally(() => progress.end());
      context.write(
        `${progress.rows().toLocaleString("en-US")} rows copied and verified. Set DATABASE_URL to that Postgres and ` +
          `LEADGATE_SECRET to what ${join(dataDir, "secret")} holds, and start the server. The embedded database is as ` +
          `it was; remove ${join(dataDir, "database")} when you no longer need it.\n`,
      );
    },
  },
});

async function copy(
  settings: Settings,
  to: string,
  tell: (table: string, rows: number) => void,
): Promise<void> {
  const { databaseUrl: _, ...embedded } = settings.database;
  const source = await openDatabase(embedded);
  try {
    const snapshot = await source.snapshot("alone");
    try {
      const secret = await keptSecret(settings);
      const parts = dump(snapshot, {
        version,
        madeAt: new Date().toISOString(),
        database: source.kind,
        secretFingerprint: secret === undefined ? "" : secretFingerprint(keyFor("stored-secrets", secret)),
      });
      const { schema } = await headerOf(parts);
      await fillEmptyDatabase({ databaseUrl: to, dataDir: settings.dataDir }, schema, async (within) => {
        await load(parts, within, tell);
        await within(forgetMasterKey);
      });
    } finally {
      await snapshot.close();
    }
  } finally {
    await source.close();
  }
}

function postgresUrl(value: string): string {
  if (hostsIn(value) !== undefined) return value;
  throw new CommandFailure("--to must be an address that starts with postgres:// or postgresql://.");
}
