import { existsSync } from "node:fs";
import { access, constants, readFile, stat, statfs } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { connect as connectByTls } from "node:tls";
import { type CommandContext, CommandFailure, command } from "#cli/command/command.ts";
import { callServer, dataIn } from "#cli/command/remote.ts";
import { DatabaseRefused, DatabaseUnavailable } from "#database/database.ts";
import { type DatabaseStatus, inspectDatabase } from "#database/engine/database-status.ts";
import { adminKeyFlaw, secretFlaw } from "#runtime/setting-parsers.ts";
import { type Settings, SettingsError } from "#runtime/settings.ts";
import {
  type Finding,
  fail,
  ok,
  onDatabase,
  onDisk,
  onLedger,
  onSecret,
  onSettings,
  type SecretFile,
  warn,
} from "./doctor-checks.ts";

/** Longest wait for one answer, in ms. */
const PATIENCE_MS = 5_000;

/**
 * Looks at everything that an installation stands on, changing nothing, and says a line each. A server that runs is asked for what it
 * alone can see. Exit code 0 when nothing fails, 1 when something does, 2 when the settings are wrong.
 */
export const doctor = command({
  name: "doctor",
  purpose: "look at all that this installation stands on, and say what to do",
  example: "leadgate doctor",
  options: {},
  routes: ["GET /condition", "GET /ledger/check"],
  forms: {
    async ""(_, context) {
      let settings: Settings;
      try {
        settings = context.settings();
      } catch (error) {
        if (!(error instanceof SettingsError)) throw error;
        context.write(inLines(error.problems.map((problem) => fail("settings", problem))));
        return 2;
      }
      const findings = await examine(settings, context);
      context.write(inLines(findings));
      return findings.some(({ level }) => level === "fail") ? 1 : 0;
    },
  },
});

async function examine(settings: Settings, context: CommandContext): Promise<Finding[]> {
  const { dataDir } = settings;
  const isEmbedded = settings.database.databaseUrl === undefined;
  const holdsData = isEmbedded && existsSync(join(dataDir, "database", "PG_VERSION"));
  const server = await lookAtServer((await context.server()).url);
  const { findings, condition } = await lookAtDatabase(settings, context, server.level !== "warn");
  return [
    ...onSettings(settings),
    ...(await lookAtDirectory(settings, condition?.kind === "embedded" ? condition.bytes : 0)),
    settings.secret === undefined
      ? onSecret(
          "master key",
          join(dataDir, "secret"),
          await secretFile(dataDir, "secret", secretFlaw),
          holdsData,
        )
      : ok("master key", "given by LEADGATE_SECRET"),
    settings.adminKey === undefined
      ? onSecret(
          "operator key",
          join(dataDir, "operator-key"),
          await secretFile(dataDir, "operator-key", adminKeyFlaw),
          holdsData,
        )
      : ok("operator key", "given by LEADGATE_ADMIN_KEY"),
    server,
    ...findings,
    ...(server.level === "ok" && condition !== undefined ? [await lookAtLedger(context)] : []),
    ...(settings.smtp === undefined ? [] : [await lookAtMail(settings.smtp.url)]),
  ];
}

/** `warn` when none answers: what the database is like is then seen without it. */
async function lookAtServer(url: string): Promise<Finding> {
  try {
    const { status } = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(PATIENCE_MS) });
    return status === 200
      ? ok("server", `ready at ${url}`)
      : fail("server", `answers at ${url}, and is not ready: see its log.`);
  } catch {
    return warn("server", `none answers at ${url}. Start it with leadgate serve, or set LEADGATE_URL.`);
  }
}

async function lookAtDatabase(
  settings: Settings,
  context: CommandContext,
  isRunning: boolean,
): Promise<{ findings: Finding[]; condition?: DatabaseStatus }> {
  try {
    const condition = isRunning ? await askServer(context) : await inspectDatabase(settings.database);
    if (condition === undefined) return { findings: [ok("database", "none yet; made on the first start")] };
    return { findings: onDatabase(condition), condition };
  } catch (error) {
    if (error instanceof CommandFailure || error instanceof DatabaseRefused) {
      return { findings: [fail("database", error.message)] };
    }
    if (error instanceof DatabaseUnavailable) {
      const says =
        "cannot be reached: is it running, and is DATABASE_URL right (host, user, password, database)?";
      return { findings: [fail("database", says)] };
    }
    throw error;
  }
}

async function askServer(context: CommandContext): Promise<DatabaseStatus> {
  const { database } = await dataIn(await callServer(context, { method: "GET", path: "/condition" }));
  const said = database as Record<string, unknown>;
  return {
    kind: said["kind"] === "embedded" ? "embedded" : "postgres",
    version: String(said["version"]),
    isDurable: said["durable"] === true,
    isStandby: said["standby"] === true,
    schema: said["schema"] === "older" || said["schema"] === "newer" ? said["schema"] : "up to date",
    aheadMs: Number(said["clock_ahead_ms"]),
    bytes: Number(said["size_bytes"]),
  };
}

/** Whether every balance equals the ledger. */
async function lookAtLedger(context: CommandContext): Promise<Finding> {
  try {
    const { flaws } = await dataIn(await callServer(context, { method: "GET", path: "/ledger/check" }));
    return onLedger(Array.isArray(flaws) ? flaws.map(String) : []);
  } catch (error) {
    if (error instanceof CommandFailure) return fail("ledger", error.message);
    throw error;
  }
}

async function lookAtDirectory(
  { dataDir, database, diskFloorBytes }: Settings,
  databaseBytes: number,
): Promise<Finding[]> {
  const about = "data folder";
  let found: Awaited<ReturnType<typeof stat>>;
  try {
    found = await stat(dataDir);
  } catch {
    return [ok(about, `${dataDir} is made on the first start`)];
  }
  const { bavail, bsize } = await statfs(dataDir);
  const disk = onDisk(bavail * bsize, databaseBytes, database.databaseUrl === undefined ? diskFloorBytes : 0);
  try {
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return [
      fail(about, `${dataDir} cannot be written by this user: run it as the one that the server runs as.`),
      disk,
    ];
  }
  const isOpen = (found.mode & 0o007) !== 0;
  return [
    isOpen ? warn(about, `${dataDir} is open to every user: chmod 700 ${dataDir}`) : ok(about, dataDir),
    disk,
  ];
}

async function secretFile(
  dataDir: string,
  name: string,
  flaw: (value: string) => string | undefined,
): Promise<SecretFile> {
  const path = join(dataDir, name);
  try {
    return { mode: (await stat(path)).mode, flaw: flaw((await readFile(path, "utf8")).trim()) };
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? "missing" : "unreadable";
  }
}

/** Whether a mail server greets a client that connects. Nothing is sent, and no password is tried. */
async function lookAtMail(url: string): Promise<Finding> {
  const { protocol, hostname, port } = new URL(url);
  const isTls = protocol === "smtps:";
  const host = hostname.replace(/^\[|\]$/g, "");
  const to = { host, port: Number(port) || (isTls ? 465 : 587) };
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = isTls ? connectByTls({ ...to, servername: host }) : connect(to);
  socket.setTimeout(PATIENCE_MS, () => resolve(false));
  socket.once("error", () => resolve(false));
  socket.once("data", (greeting: Buffer) => resolve(greeting.toString("latin1").startsWith("220")));
  const greets = await promise;
  socket.destroy();
  return greets
    ? ok("mail", "the server of SMTP_URL answers")
    : fail(
        "mail",
        "the server of SMTP_URL does not answer: check its host and port, and the firewall between.",
      );
}

function inLines(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ about }) => about.length));
  return findings
    .map(({ level, about, says }) => `${level.padEnd(4)}  ${about.padEnd(width)}  ${says}\n`)
    .join("");
}
