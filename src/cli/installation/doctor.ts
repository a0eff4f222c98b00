import { existsSync } from "node:fs";
import { access, constants, readFile, stat, statfs } from "node:fs/promises";
import { connect } from "node:net";
import { hostname } from "node:os";
import { join } from "node:path";
import { connect as connectByTls } from "node:tls";
import { type CommandContext, CommandFailure, command } from "#cli/command/command.ts";
import { callServer, dataIn, listIn } from "#cli/command/remote.ts";
import { DatabaseRefused, DatabaseUnavailable } from "#database/database.ts";
import { type DatabaseStatus, inspectDatabase } from "#database/engine/database-status.ts";
import { hostsIn } from "#database/engine/hosts.ts";
import { adminKeyFlaw, secretFlaw } from "#runtime/setting-parsers.ts";
import { type Settings, SettingsError } from "#runtime/settings.ts";
import { shownSettings } from "#runtime/shown-settings.ts";
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
import { conditionIn, onCondition, onNodes, onServers, type ServerCondition } from "./doctor-condition.ts";

/** Longest wait for one answer, in ms. What is looked at is asked side by side, so that all that are away cost no more than one. */
const PATIENCE_MS = 3_000;
/** Longest wait for what a server has to ask its database and mail server, in ms. */
const SERVERS_PATIENCE_MS = 15_000;

/**
 * Looks at everything that an installation stands on, changing nothing, and says a line each. A server that runs is judged by what it
 * says of itself, whatever the settings of this shell are. Exit code 0 when nothing fails, 1 when something does, 2 when the settings
 * are wrong.
 */
export const doctor = command({
  name: "doctor",
  purpose: "look at all that this installation stands on, and say what to do",
  example: "leadgate doctor",
  options: { "--json": "the findings, as JSON" },
  routes: ["GET /condition", "GET /servers", "GET /ledger/check"],
  forms: {
    async ""({ json }, context) {
      const said = (findings: readonly Finding[]) =>
        context.write(json ? `${JSON.stringify({ data: findings })}\n` : inLines(findings));
      let settings: Settings;
      try {
        settings = context.settings();
      } catch (error) {
        if (!(error instanceof SettingsError)) throw error;
        said(error.problems.map((problem) => fail("settings", problem)));
        return 2;
      }
      const findings = await examine(settings, context);
      said(findings);
      return findings.some(({ level }) => level === "fail") ? 1 : 0;
    },
  },
});

async function examine(settings: Settings, context: CommandContext): Promise<Finding[]> {
  const server = await lookAtServer((await context.server()).url);
  return server.level === "warn"
    ? await examineHere(settings, server)
    : await examineServer(settings, server, context);
}

/** What the server says of itself; and the files of its machine, when it is this one. */
async function examineServer(
  settings: Settings,
  server: Finding,
  context: CommandContext,
): Promise<Finding[]> {
  let condition: ServerCondition;
  try {
    condition = conditionIn(await dataIn(await ask(context, "/condition")));
  } catch (error) {
    if (error instanceof CommandFailure) return [server, fail("condition", error.message)];
    throw error;
  }
  const [files, servers, ledger] = await Promise.all([
    lookAtServersFiles(condition),
    lookAtServers(condition, context),
    server.level === "ok" ? lookAtLedger(context) : Promise.resolve([]),
  ]);
  return [server, ...files, ...onCondition(condition, shownSettings(settings)), ...servers, ...ledger];
}

async function lookAtServersFiles({ host, settings, database }: ServerCondition): Promise<Finding[]> {
  if (host !== hostname() || typeof settings.DATA_DIR !== "string")
    return [ok("data folder", `on another machine, ${host}: ask there for its files`)];
  return await lookAtFiles({
    dataDir: settings.DATA_DIR,
    hasSecret: settings.LEADGATE_SECRET !== null,
    hasAdminKey: settings.LEADGATE_ADMIN_KEY !== null,
    holdsData: database.kind === "embedded",
  });
}

/** No server runs: what it would stand on. */
async function examineHere(settings: Settings, server: Finding): Promise<Finding[]> {
  const { dataDir } = settings;
  const isEmbedded = settings.database.databaseUrl === undefined;
  const [files, { findings, condition }, mail] = await Promise.all([
    lookAtFiles({
      dataDir,
      hasSecret: settings.secret !== undefined,
      hasAdminKey: settings.adminKey !== undefined,
      holdsData: isEmbedded && existsSync(join(dataDir, "database", "PG_VERSION")),
    }),
    lookAtDatabase(settings),
    lookAtMail(settings.smtp?.url),
  ]);
  const disk = await lookAtDisk(settings, condition?.kind === "embedded" ? condition.bytes : 0);
  return [...onSettings(settings), ...files, ...disk, server, ...findings, mail];
}

/** Asks the server, as long as it may take. */
function ask(context: CommandContext, path: string): Promise<Response> {
  const signal = AbortSignal.timeout(SERVERS_PATIENCE_MS);
  return callServer(context, { method: "GET", path, signal });
}

/** Where a server keeps its files, and which of its secrets are not in them. */
interface Files {
  dataDir: string;
  hasSecret: boolean;
  hasAdminKey: boolean;
  /** There is a database already. */
  holdsData: boolean;
}

async function lookAtFiles({ dataDir, hasSecret, hasAdminKey, holdsData }: Files): Promise<Finding[]> {
  const kept = async (about: "master key" | "operator key", name: string, flaw: typeof secretFlaw) =>
    onSecret(about, join(dataDir, name), await secretFile(dataDir, name, flaw), holdsData);
  return [
    await lookAtDirectory(dataDir),
    hasSecret ? ok("master key", "given by LEADGATE_SECRET") : await kept("master key", "secret", secretFlaw),
    hasAdminKey
      ? ok("operator key", "given by LEADGATE_ADMIN_KEY")
      : await kept("operator key", "operator-key", adminKeyFlaw),
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
): Promise<{ findings: Finding[]; condition?: DatabaseStatus }> {
  try {
    const condition = await inspectDatabase(settings.database, PATIENCE_MS);
    if (condition === undefined) return { findings: [ok("database", "none yet; made on the first start")] };
    return { findings: onDatabase(condition), condition };
  } catch (error) {
    if (error instanceof DatabaseRefused) return { findings: [fail("database", error.message)] };
    if (error instanceof DatabaseUnavailable) {
      const where = hostsIn(settings.database.databaseUrl ?? "")?.urls.map((url) => new URL(url).host);
      const at = where === undefined ? "" : ` at ${where.join(" or ")}`;
      const says = `cannot be reached${at}: is it running, and is DATABASE_URL right (host, user, password, database)?`;
      return { findings: [fail("database", says)] };
    }
    throw error;
  }
}

/** The other servers on its database, and whether each of its nodes has one. */
async function lookAtServers(
  { version, nodes }: ServerCondition,
  context: CommandContext,
): Promise<Finding[]> {
  try {
    const servers = await listIn(await ask(context, "/servers"));
    return [...onServers(servers, version), ...(nodes === null ? [] : onNodes(nodes, servers))];
  } catch (error) {
    if (error instanceof CommandFailure) return [fail("servers", error.message)];
    throw error;
  }
}

/** Whether every balance equals the ledger. */
async function lookAtLedger(context: CommandContext): Promise<Finding[]> {
  try {
    const { flaws } = await dataIn(await callServer(context, { method: "GET", path: "/ledger/check" }));
    return [onLedger(Array.isArray(flaws) ? flaws.map(String) : [])];
  } catch (error) {
    if (error instanceof CommandFailure) return [fail("ledger", error.message)];
    throw error;
  }
}

async function lookAtDirectory(dataDir: string): Promise<Finding> {
  const about = "data folder";
  let found: Awaited<ReturnType<typeof stat>>;
  try {
    found = await stat(dataDir);
  } catch {
    return ok(about, `${dataDir} is made on the first start`);
  }
  try {
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return fail(
      about,
      `${dataDir} cannot be written by this user: run it as the one that the server runs as.`,
    );
  }
  const isOpen = (found.mode & 0o007) !== 0;
  return isOpen ? warn(about, `${dataDir} is open to every user: chmod 700 ${dataDir}`) : ok(about, dataDir);
}

async function lookAtDisk(
  { dataDir, database, diskFloorBytes }: Settings,
  databaseBytes: number,
): Promise<Finding[]> {
  try {
    const { bavail, bsize } = await statfs(dataDir);
    const floor = database.databaseUrl === undefined ? diskFloorBytes : 0;
    return [onDisk(bavail * bsize, databaseBytes, floor)];
  } catch {
    // A folder that is not there yet.
    return [];
  }
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
async function lookAtMail(url: string | undefined): Promise<Finding> {
  if (url === undefined) return ok("mail", "none is sent, since SMTP_URL is not set");
  const { protocol, hostname, port } = new URL(url);
  const isTls = protocol === "smtps:";
  const host = hostname.replace(/^\[|\]$/g, "");
  const to = { host, port: Number(port) || (isTls ? 465 : 587) };
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = isTls ? connectByTls({ ...to, servername: host }) : connect(to);
  socket.setTimeout(PATIENCE_MS, () => resolve(false));
  socket.once("error", () => resolve(false));
  socket.once("close", () => resolve(false));
  socket.once("data", (greeting: Buffer) => resolve(greeting.toString("latin1").startsWith("220")));
  const greets = await promise;
  socket.destroy();
  return greets
    ? ok("mail", "the server of SMTP_URL answers")
    : fail(
        "mail",
        `the server of SMTP_URL, ${host}:${to.port}, does not answer: check its host and port, and the firewall between.`,
      );
}

function inLines(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ about }) => about.length));
  return findings
    .map(({ level, about, says }) => `${level.padEnd(4)}  ${about.padEnd(width)}  ${says}\n`)
    .join("");
}
