import { existsSync } from "node:fs";
import { join } from "node:path";
import { dump } from "#backup/dump.ts";
import { headerOf, load } from "#backup/load.ts";
import { secretFingerprint } from "#backup/part.ts";
import { openDatabase } from "#database/engine/connect.ts";
import { fillEmptyDatabase } from "#database/engine/empty-database.ts";
import { keptSecret, keyFor } from "#runtime/secrets.ts";
import type { Settings } from "#runtime/settings.ts";
import { version } from "../../package.json" with { type: "json" };
import { CommandFailure, exitCodeOf, sorted, type Terminal, WrongUse } from "./command.ts";
import { startProgress } from "./progress.ts";
import { inWords } from "./restore.ts";

const USE = "leadgate migrate-db --to postgres://…";

/**
 * `leadgate migrate-db --to URL`: copies the embedded database into a Postgres that holds nothing, in one transaction. The embedded one is
 * only read. The server must be stopped: the directory's lock says so.
 */
export async function migrateDatabase(
  args: string[],
  settings: Settings,
  terminal: Terminal,
): Promise<number> {
  return exitCodeOf(terminal, async () => {
    const { values, positionals } = sorted(args, USE, { to: { type: "string" } });
    if (values.to === undefined || positionals.length > 0) throw new WrongUse(USE);
    const { dataDir } = settings;
    const to = postgresUrl(values.to);
    if (!existsSync(join(dataDir, "database", "PG_VERSION"))) {
      throw new CommandFailure("There is no embedded database in DATA_DIR.");
    }
    const progress = startProgress("Copying", terminal.writeError);
    await inWords(async () => await copy(settings, to, progress.tell)).finally(() => progress.end());
    terminal.write(
      `${progress.rows().toLocaleString("en-US")} rows copied and verified. Set DATABASE_URL to that Postgres and LEADGATE_SECRET to what ${join(dataDir, "secret")} holds, and start the server. The embedded database is as it was; remove ${join(dataDir, "database")} when you no longer need it.\n`,
    );
  });
}

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
      await fillEmptyDatabase({ databaseUrl: to, dataDir: settings.dataDir }, schema, (within) =>
        load(parts, within, tell),
      );
    } finally {
      await snapshot.close();
    }
  } finally {
    await source.close();
  }
}

function postgresUrl(value: string): string {
  if (/^postgres(ql)?:$/.test(URL.parse(value)?.protocol ?? "")) return value;
  throw new CommandFailure("--to must be an address that starts with postgres:// or postgresql://.");
}
