import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asFile } from "#backup/file.ts";
import { secretFingerprint } from "#backup/part.ts";
import type { Command } from "#cli/command/command.ts";
import { backup } from "#cli/installation/backup.ts";
import { doctor } from "#cli/installation/doctor.ts";
import { migrateDatabase } from "#cli/installation/migrate-db.ts";
import { restore } from "#cli/installation/restore.ts";
import { keyFor } from "#runtime/secrets.ts";
import { readSettings, type Settings } from "#runtime/settings.ts";
import { partsOf } from "../backup/round-trip.ts";
import { discard, onBothDatabases, postgresSettings } from "../support/database.ts";
import { aDocument, OPERATOR_KEY, openLeadgate } from "../support/leadgate.ts";
import { commandContext } from "./context.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "leadgate-commands-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** The settings of a process in this environment. */
function settingsIn(environment: Record<string, string>): Settings {
  return readSettings({ DATA_DIR: join(folder, "data"), ...environment }, false);
}

/** Runs a command; what it said is one text, without what a slow machine says meanwhile of how far it is. */
async function run(
  command: Command,
  args: readonly string[],
  { url = "http://127.0.0.1:1", settings }: { url?: string; settings?: () => Settings } = {},
): Promise<{ code: number; said: string }> {
  const said: string[] = [];
  const write = (text: string) => void said.push(text);
  const over = { write, writeError: write, ...(settings && { settings }) };
  const code = await command.run(args, commandContext({ url, adminKey: OPERATOR_KEY }, over));
  return { code, said: said.join("").replace(/^Restoring .*\n/gm, "") };
}

onBothDatabases("on a server that runs", (world) => {
  let server: Bun.Server<undefined>;
  let leadgate: ReturnType<typeof openLeadgate>;
  beforeAll(() => {
    leadgate = openLeadgate(world.database);
    server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: (request) => leadgate.server.handle(request),
    });
  });
  afterAll(() => server.stop(true));

  test("backup writes a file for its owner alone, and replaces it only when told to", async () => {
    await leadgate.configure(aDocument());
    const file = join(folder, `${world.kind}.backup`);
    const first = await run(backup, ["--out", file], { url: server.url.href });
    expect(first).toMatchObject({ code: 0 });
    expect(first.said).toMatch(
      /^\d+ rows of 2026-01-13T\S+, read back and found whole\. The master key is not among them/m,
    );
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const before = await readFile(file);
    const again = await run(backup, ["--out", file], { url: server.url.href });
    expect(again).toEqual({
      code: 1,
      said: `${file} is there already. Name another file, or replace it with --force.\n`,
    });
    expect(await readFile(file)).toEqual(before);
    expect(await run(backup, ["--out", file, "--force"], { url: server.url.href })).toMatchObject({
      code: 0,
    });
    expect((await readdir(folder)).filter((name) => name.endsWith(".part"))).toEqual([]);
  });

  test("backup says when it cannot write where it was told to", async () => {
    const file = join(folder, "no-such-folder", "a.backup");
    const { code, said } = await run(backup, ["--out", file], { url: server.url.href });
    expect([code, said]).toEqual([1, `${file} cannot be written.\n`]);
  });

  test("doctor asks the server for what it alone sees", async () => {
    const settings = settingsIn({ LEADGATE_SECRET: "x".repeat(32), LEADGATE_ADMIN_KEY: OPERATOR_KEY });
    const { code, said } = await run(doctor, [], {
      settings: () => settings,
      url: server.url.href.replace(/\/$/, ""),
    });
    expect(said).toContain("ok    server            ready at http");
    expect(said).toContain(
      world.kind === "embedded" ? "the embedded database, PostgreSQL 18" : "Postgres, PostgreSQL 1",
    );
    expect(said).toContain("ok    schema            up to date");
    expect(said).toContain("ok    ledger            every balance equals it");
    // The Postgres of the tests may have been made to forget.
    expect([code, said.includes("fail  durability")]).toBeOneOf([
      [0, false],
      [1, true],
    ]);
    if (world.kind === "embedded") expect(code).toBe(0);
  });

  test("doctor looks at the database itself when no server answers, and changes nothing in it", async () => {
    const { databaseUrl, dataDir } = world.settings;
    const settings = settingsIn(
      databaseUrl === undefined
        ? { DATA_DIR: dataDir }
        : { DATABASE_URL: databaseUrl, LEADGATE_ENV: "development" },
    );
    const { code, said } = await run(doctor, [], { settings: () => settings });
    expect(said).toContain("warn  server            none answers at http://127.0.0.1:1.");
    if (world.kind === "postgres") expect(said).toContain("ok    schema            up to date");
    else
      expect([code, said]).toEqual([
        1,
        expect.stringMatching(/fail {2}database .* is in use by process \d+/),
      ]);
  });
});

describe("without a server", () => {
  test("doctor on a machine where nothing was begun says so, and leaves nothing behind", async () => {
    const settings = settingsIn({ DATA_DIR: join(folder, "nothing") });
    const { code, said } = await run(doctor, [], { settings: () => settings });
    expect(code).toBe(0);
    expect(said).toContain("none yet; made on the first start");
    expect(await readdir(folder)).not.toContain("nothing");
  });

  test("doctor says each problem of the settings, with the exit code 2", async () => {
    const { code, said } = await run(doctor, [], {
      settings: () => settingsIn({ PORT: "high", LEADGATE_SECRET: "short" }),
    });
    expect(code).toBe(2);
    expect(said).toBe(
      "fail  settings  LEADGATE_SECRET must hold at least 32 bytes.\nfail  settings  PORT must be a whole number from 0 to 65535.\n",
    );
  });

  test("doctor greets the mail server", async () => {
    const mail = createServer((socket) => socket.end("220 mail.example ESMTP\r\n")).listen(0, "127.0.0.1");
    const { port } = mail.address() as { port: number };
    const smtp = (at: number) => ({ SMTP_URL: `smtp://127.0.0.1:${at}`, SMTP_FROM: "leads@company.example" });
    const look = (at: number) => run(doctor, [], { settings: () => settingsIn(smtp(at)) });
    expect((await look(port)).said).toContain("ok    mail              the server of SMTP_URL answers");
    mail.close();
    expect(await look(1)).toMatchObject({ code: 1, said: expect.stringContaining("fail  mail") });
  });

  test("doctor asks a database and a mail server that are away side by side, and says which do not answer", async () => {
    const away = [1, 2].map(() => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const listener = Bun.listen({
        hostname: "127.0.0.1",
        port: 0,
        socket: { open: () => resolve(), data() {} },
      });
      return { listener, asked: promise, host: `127.0.0.1:${listener.port}` };
    });
    const [database, mail] = away.map(({ host }) => host);
    const settings = settingsIn({
      DATABASE_URL: `postgres://leadgate@${database}/leads`,
      LEADGATE_ENV: "development",
      SMTP_URL: `smtp://${mail}`,
      SMTP_FROM: "leads@company.example",
    });
    const looked = run(doctor, [], { settings: () => settings });
    await Promise.all(away.map(({ asked }) => asked));
    for (const { listener } of away) listener.stop(true);
    const { code, said } = await looked;
    expect([code, said]).toEqual([
      1,
      expect.stringContaining(`fail  database          cannot be reached at ${database}:`),
    ]);
    expect(said).toContain(`fail  mail              the server of SMTP_URL, ${mail}, does not answer:`);
  });

  test("doctor minds who else can read the secrets", async () => {
    const dataDir = join(folder, "open");
    await mkdir(dataDir);
    await Bun.write(join(dataDir, "secret"), "x".repeat(40));
    await chmod(join(dataDir, "secret"), 0o644);
    await chmod(dataDir, 0o755);
    const settings = settingsIn({ DATA_DIR: dataDir });
    const { said } = await run(doctor, [], { settings: () => settings });
    expect(said).toContain(`warn  master key        ${dataDir}/secret can be read by others: chmod 600`);
    expect(said).toContain(`warn  data folder       ${dataDir} is open to every user: chmod 700`);
  });

  test("restore refuses a backup of another master key, one that is damaged, and what is none", async () => {
    const file = join(folder, "postgres.backup");
    const into = (environment: Record<string, string>, path = file) =>
      run(restore, [path, ...("LEADGATE_SECRET" in environment ? [] : ["--unverified"])], {
        settings: () => settingsIn(environment),
      });
    const target = await postgresSettings();
    const database = { DATABASE_URL: target.databaseUrl ?? "", LEADGATE_SECRET: "y".repeat(32) };
    const other = await into(database);
    expect(other).toMatchObject({
      code: 1,
      said: expect.stringContaining("was made with another master key"),
    });

    const bytes = await readFile(file);
    await Bun.write(join(folder, "cut.backup"), bytes.subarray(0, bytes.length - 20));
    await Bun.write(join(folder, "config.yaml"), "version: 1\n");
    const withoutSecret = { DATABASE_URL: database.DATABASE_URL, LEADGATE_ENV: "development" };
    expect(await into(withoutSecret, join(folder, "cut.backup"))).toMatchObject({
      code: 1,
      said: "The backup is cut off: its end is missing. Nothing was put into the database.\n",
    });
    expect(await into(withoutSecret, join(folder, "config.yaml"))).toMatchObject({
      code: 1,
      said: "This is not a backup of Leadgate. Nothing was put into the database.\n",
    });
    expect(await into(withoutSecret, join(folder, "none.backup"))).toEqual({
      code: 1,
      said: "The backup cannot be read.\n",
    });

    const restored = await into(withoutSecret);
    expect(restored.code).toBe(0);
    expect(restored.said).toContain("rows restored and verified, as they were at 2026-01-13T");
    expect(restored.said).toContain("put back the master key that belongs to this backup");
    expect(await into(withoutSecret)).toMatchObject({
      code: 1,
      said: expect.stringContaining("is not empty"),
    });
    await discard(target);
  });

  test("restore puts in what the master key has signed, and what is not so only when told to", async () => {
    const secret = "z".repeat(40);
    const key = keyFor("stored-secrets", secret);
    const parts = await partsOf(await readFile(join(folder, "postgres.backup")));
    const write = async (name: string, signedWith: Uint8Array) => {
      async function* ours() {
        const secretKey = secretFingerprint(key);
        for (const part of parts) {
          yield part.part === "header"
            ? { ...part, header: { ...part.header, secretFingerprint: secretKey } }
            : part;
        }
      }
      const path = join(folder, name);
      await Bun.write(path, Buffer.concat(await Array.fromAsync(asFile(ours(), signedWith))));
      return path;
    };
    const target = await postgresSettings();
    const into = (words: string[], environment: Record<string, string> = { LEADGATE_SECRET: secret }) =>
      run(restore, words, {
        settings: () =>
          settingsIn({
            DATABASE_URL: target.databaseUrl ?? "",
            DATA_DIR: join(folder, "nothing"),
            LEADGATE_ENV: "development",
            ...environment,
          }),
      });
    const forged = await write("forged.backup", new Uint8Array(32));
    const signed = await write("signed.backup", key);
    expect(await into([forged])).toEqual({
      code: 1,
      said:
        "The backup was not written with this master key: it was changed, or made elsewhere. Nothing was put into the " +
        "database; --unverified restores it all the same.\n",
    });
    expect(await into([signed], {})).toMatchObject({
      code: 1,
      said: expect.stringContaining("Without the master key nothing proves"),
    });
    const restored = await into([signed]);
    expect(restored).toMatchObject({
      code: 0,
      said: expect.stringMatching(/ Keys of operators among them: 0\.\n$/),
    });
    await discard(target);
    const other = await postgresSettings();
    const unverified = await into([forged, "--unverified"], {
      LEADGATE_SECRET: secret,
      DATABASE_URL: other.databaseUrl ?? "",
    });
    expect(unverified).toMatchObject({
      code: 0,
      said: expect.stringContaining("Who wrote the backup was not verified"),
    });
    await discard(other);
  });

  test("migrate-db refuses what is no Postgres, and says when there is nothing to copy", async () => {
    const move = (to: string) =>
      run(migrateDatabase, ["--to", to], {
        settings: () => settingsIn({ DATA_DIR: join(folder, "nothing") }),
      });
    expect(await move("mysql://localhost")).toMatchObject({
      code: 1,
      said: expect.stringContaining("postgres://"),
    });
    expect((await move("postgres://localhost/x")).said).toBe("There is no embedded database in DATA_DIR.\n");
  });
});
