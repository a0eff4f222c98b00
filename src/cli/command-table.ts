import { readFile, writeFile } from "node:fs/promises";
import { adminKeyInDataDir } from "#runtime/secrets.ts";
import type { Settings } from "#runtime/settings.ts";
import { apply } from "./apply.ts";
import { backup } from "./backup.ts";
import type { Command, CommandContext, Terminal } from "./command.ts";
import { demo } from "./demo.ts";
import { doctor } from "./doctor.ts";
import { exportConfiguration } from "./export.ts";
import { forget } from "./forget.ts";
import { healthcheck } from "./healthcheck.ts";
import { help } from "./help.ts";
import { history } from "./history.ts";
import { keys } from "./keys.ts";
import { leads } from "./leads.ts";
import { migrateDatabase } from "./migrate-db.ts";
import { openapi } from "./openapi.ts";
import { operatorKeys } from "./operator-keys.ts";
import { plan } from "./plan.ts";
import { report } from "./report.ts";
import { restore } from "./restore.ts";
import { rollback } from "./rollback.ts";
import { serve } from "./serve.ts";
import { suppress } from "./suppress.ts";
import { systemd } from "./systemd.ts";
import { tail } from "./tail.ts";
import { version } from "./version.ts";

const COMMANDS: readonly Command[] = [
  {
    name: "serve",
    usage: "serve",
    purpose: "start the server (what plain `leadgate` does)",
    example: "PORT=8090 leadgate serve",
    options: {},
    run: (_, settings) => serve(settings()),
  },
  {
    name: "demo",
    usage: "demo",
    purpose: "start it on an empty database with a small demo set-up",
    example: "DATA_DIR=./trial leadgate demo",
    options: {},
    run: (_, settings) => demo(settings()),
  },
  talking(
    {
      name: "plan",
      usage: "plan FILE",
      purpose: "say what a configuration would change; change nothing",
      example: "leadgate plan leads.yaml",
      options: {},
    },
    plan,
  ),
  talking(
    {
      name: "apply",
      usage: "apply FILE",
      purpose: "bring a configuration into force, all or nothing",
      example: "leadgate apply leads.yaml --if-revision 12",
      options: {
        "--if-revision N": "only when N is the revision in force",
        "--yes": "also when it removes what the file leaves out",
      },
    },
    apply,
  ),
  talking(
    {
      name: "export",
      usage: "export [FILE]",
      purpose: "write the configuration in force to a file, or to the screen",
      example: "leadgate export leads.yaml",
      options: {},
    },
    exportConfiguration,
  ),
  talking(
    {
      name: "history",
      usage: "history [REVISION]",
      purpose: "say who changed what and when, or all that one revision changed",
      example: "leadgate history --buyer sunco --limit 5",
      options: {
        "--campaign ID": "only changes of this campaign",
        "--supplier ID": "only changes of this supplier",
        "--buyer ID": "only changes of this buyer",
        "--list ID": "only changes of this suppression list",
        "--webhook ID": "only changes of this webhook",
        "--limit N": "how many, the newest; 20 unless said otherwise, at most 200",
      },
    },
    history,
  ),
  talking(
    {
      name: "rollback",
      usage: "rollback REVISION",
      purpose: "bring the configuration of an earlier revision back into force",
      example: "leadgate rollback 12 --yes",
      options: { "--yes": "do it; without, only say what it would change" },
    },
    rollback,
  ),
  talking(
    {
      name: "keys",
      usage: "keys create|list|rotate|revoke|import SUPPLIER …",
      purpose: "create, list, rotate, revoke or import a supplier's keys",
      example: "leadgate keys create acme-media",
      options: {
        "--overlap SECONDS": "with rotate: how long the old key stays good; a day unless said otherwise",
      },
    },
    keys,
  ),
  talking(
    {
      name: "leads",
      usage: "leads export",
      purpose: "write the leads of a query to standard output, as CSV or as lines of JSON",
      example: "leadgate leads export --format csv --since 2026-01-01T00:00:00Z > leads.csv",
      options: {
        "--format FORMAT": "csv, which it is without this, or ndjson",
        "--fields NAMES": "these fields alone, with commas between; in CSV a column each",
        "--campaign ID": "of this campaign alone",
        "--supplier ID": "of this supplier alone",
        "--buyer ID": "sold to this buyer alone",
        "--status STATUS": "ACCEPTED, UNMATCHED, DUPLICATE, REJECTED or PENDING alone",
        "--test true|false": "test leads alone, or none",
        "--since TIME": "decided at or after this time, such as 2026-01-31T00:00:00Z",
        "--until TIME": "decided before this time",
        "--phone PHONE": "of the person with this phone",
        "--email EMAIL": "of the person with this e-mail",
      },
    },
    leads,
  ),
  talking(
    {
      name: "tail",
      usage: "tail",
      purpose: "follow leads as they are decided, on all servers, until Ctrl-C",
      example: "leadgate tail --status ACCEPTED",
      options: {
        "--campaign ID": "of this campaign alone",
        "--status STATUS": "ACCEPTED, UNMATCHED, DUPLICATE or REJECTED alone",
        "--fields": "with what was sent of the person",
        "--json": "as lines of JSON",
      },
    },
    (args, context) => tail(args, context, interruption()),
  ),
  talking(
    {
      name: "operator-keys",
      usage: "operator-keys create NAME | list | revoke KEY_ID",
      purpose: "create, list or revoke the keys of operators",
      example: "leadgate operator-keys create dashboard --role read",
      options: {
        "--role ROLE": "with create: read may look, operate may do the daily work, admin everything",
        "--expires TIME": "with create: when it ends, such as 2030-01-31T00:00:00Z; never unless said",
      },
    },
    operatorKeys,
  ),
  talking(
    {
      name: "suppress",
      usage: "suppress import FILE | add | remove | check",
      purpose: "put people on a suppression list, one or a file of them, take them off, look for them",
      example: "leadgate suppress import do-not-call.csv --list do-not-call",
      options: {
        "--list LIST": "which list",
        "--phone PHONE": "whom to add, remove or look for",
        "--email EMAIL": "the same by e-mail",
        "--recipe RECIPE":
          "how the file's hashes were made: e164, digits, last_ten, lower, gmail, meta, google or drop",
        "--replace": "take off the list what is not in the file",
        "--ignore-unknown": "pass over columns of other names",
      },
    },
    suppress,
  ),
  talking(
    {
      name: "report",
      usage: "report pnl",
      purpose: "what was earned and spent, as CSV",
      example: "leadgate report pnl --from 2030-01-01 --to 2030-01-31 --group-by campaign,day",
      options: {
        "--from DAY": "the first day, or a moment such as 2030-01-01T00:00:00Z",
        "--to DAY": "the last day, or the moment before which it ends; otherwise now",
        "--group-by NAMES": "any of campaign, supplier, buyer, source and day, with commas between",
        "--timezone ZONE": "in which days are counted; otherwise UTC",
        "--include-test": "test leads too",
      },
    },
    report,
  ),
  talking(
    {
      name: "forget",
      usage: "forget",
      purpose: "erase all that tells who a person is, and report how much that was",
      example: "leadgate forget --phone +15125550147 --email ada@example.com --suppress-on do-not-call",
      options: {
        "--phone PHONE": "whoever has this phone",
        "--email EMAIL": "whoever has this e-mail",
        "--country COUNTRY": "by which a phone without country code is understood; US unless said otherwise",
        "--suppress-on LIST": "put the person on this suppression list first",
        "--no-wait": "do not wait until it is done",
      },
    },
    forget,
  ),
  talking(
    {
      name: "backup",
      usage: "backup",
      purpose: "write everything in the running server's database to one file, while it serves",
      example: "leadgate backup --out leadgate.backup",
      options: {
        "--out FILE": "where to; - for standard output",
        "--force": "replace the file when it is there",
      },
    },
    backup,
  ),
  {
    name: "restore",
    usage: "restore FILE",
    purpose: "put a backup into a database that holds nothing",
    example: "DATA_DIR=./restored leadgate restore leadgate.backup",
    options: { "--other-secret": "also when the backup was made with another master key" },
    run: (args, settings) => restore(args, settings(), TERMINAL),
  },
  {
    name: "migrate-db",
    usage: "migrate-db",
    purpose: "copy the embedded database into an empty Postgres; stop the server first",
    example: "leadgate migrate-db --to postgres://leadgate@localhost/leadgate",
    options: { "--to URL": "the Postgres to fill" },
    run: (args, settings) => migrateDatabase(args, settings(), TERMINAL),
  },
  {
    name: "doctor",
    usage: "doctor",
    purpose: "look at all that this installation stands on, and say what to do",
    example: "leadgate doctor",
    options: {},
    run: (_, settings) => doctor(settings, contextOf, TERMINAL.write),
  },
  {
    name: "systemd",
    usage: "systemd",
    purpose: "print a systemd unit, with how to install it",
    example: "leadgate systemd > /etc/systemd/system/leadgate.service",
    options: {},
    run: () => systemd(TERMINAL),
  },
  {
    name: "openapi",
    usage: "openapi",
    purpose: "print the API's OpenAPI document, as /docs/openapi.json serves it",
    example: "leadgate openapi > openapi.json",
    options: {},
    run: () => openapi(),
  },
  {
    name: "healthcheck",
    usage: "healthcheck",
    purpose: "exit with 0 when the server is ready",
    example: "leadgate healthcheck && echo ready",
    options: {},
    run: (_, settings) => healthcheck(settings()),
  },
  {
    name: "licenses",
    usage: "licenses",
    purpose: "print the licences of all that the executable carries",
    example: "leadgate licenses",
    options: {},
    // Only then: from source the notices are gathered when the file is read, which takes a moment.
    run: async () => (await import("./licenses.ts")).licenses(TERMINAL),
  },
  {
    name: "version",
    usage: "version",
    purpose: "print the version",
    example: "leadgate version",
    options: {},
    run: version,
  },
  {
    name: "help",
    usage: "help [COMMAND|TOPIC]",
    purpose: "print this, how one command is used, or a page of the manual",
    example: "leadgate help apply",
    options: {},
    run: ([name]) => help(name, COMMANDS),
  },
];

export const COMMAND_NAMES: readonly string[] = COMMANDS.map(({ name }) => name);

/** The command of that name; `--help` and `--version` are commands too. */
export function commandNamed(name: string): Command | undefined {
  return COMMANDS.find(
    (command) => command.name === name.replace(/^--?/, "") || command.name === SHORT[name],
  );
}

const SHORT: Readonly<Record<string, string>> = { "-h": "help", "-v": "version" };

/** A command that talks to a running server: the embedded database belongs to that server alone. */
function talking(
  described: Omit<Command, "run">,
  command: (args: string[], context: CommandContext) => Promise<number>,
): Command {
  return { ...described, run: async (args, settings) => command(args, await contextOf(settings())) };
}

/** Aborted by Ctrl-C, which then ends nothing by itself. */
function interruption(): AbortSignal {
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interrupted.abort());
  return interrupted.signal;
}

const TERMINAL: Terminal = {
  write: (text) => process.stdout.write(text),
  writeError: (text) => process.stderr.write(text),
};

async function contextOf(settings: Settings): Promise<CommandContext> {
  return {
    server: {
      url: settings.serverUrl,
      adminKey: settings.adminKey ?? (await adminKeyInDataDir(settings.dataDir)),
    },
    ...TERMINAL,
    readFile: (path) => readFile(path, "utf8"),
    writeFile: (path, text) => writeFile(path, text),
  };
}
