import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { copyFile, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memoryVariables } from "#runtime/process-memory.ts";
import { version } from "../../package.json" with { type: "json" };
import { SHORT_LIFE } from "../support/at-end.ts";
import { builtExecutable } from "../support/executable.ts";
import { startCollector } from "../telemetry/pretend-collector.ts";

setDefaultTimeout(60_000);

let place: string;
let executable: string;

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), "leadgate-binary-"));
  executable = join(place, "leadgate");
  await copyFile(await builtExecutable(), executable);
}, 180_000);

afterAll(async () => {
  for (const left of running) await left.kill();
  await rm(place, { recursive: true, force: true });
});

describe("executable alone in an empty folder", () => {
  let folder: string;
  let demo: Started;
  let leadId: string;

  beforeAll(async () => {
    folder = await emptyFolder();
    demo = await start(folder, "demo");
  });

  afterAll(() => demo.kill());

  test("the executable, alone in an empty folder, prints a curl line that is answered with 201", async () => {
    const reply = await asTyped(await demoLine(demo, /^ *curl -i .*$/m));
    expect(reply.status).toBe(201);
    const { data } = (await reply.json()) as { data: { id: string } };
    expect(data).toMatchObject({ status: "ACCEPTED", campaign_id: "solar" });
    leadId = data.id;
  });

  test("the executable, alone in an empty folder, prints a curl line that finds that lead", async () => {
    const line = await demoLine(demo, /^ *curl \S*LEAD_ID .*$/m);
    const reply = await asTyped(line.replace("LEAD_ID", leadId));
    expect(reply.status).toBe(200);
    expect(await reply.json()).toMatchObject({
      data: { id: leadId, status: "ACCEPTED", campaign_id: "solar" },
    });
  });

  test("the executable, alone in an empty folder, prints a curl line of a ping that is answered with bids", async () => {
    const [line] = await demo.out.find(/^ *curl -i \S*\/ping .*(?=\n)/m);
    const reply = await asTyped(line);
    expect(reply.status).toBe(200);
    expect(await reply.json()).toMatchObject({
      accepted: true,
      price: "165.00",
      bids: [{ buyer_id: "harbor-law" }, { buyer_id: "claims-first" }],
    });
  });

  test("the executable serves as the process that was started, with the variables that it has to start with", async () => {
    const [, pid] = await demo.err.find(/"message":"listening".*"pid":(\d+)/);
    expect(Number(pid)).toBe(demo.process.pid);
    const environment = (await Bun.file(`/proc/${pid}/environ`).text()).split("\0");
    for (const [name, value] of Object.entries(memoryVariables("normal", "embedded")))
      expect(environment).toContain(`${name}=${value}`);
  });

  test("the executable leaves nothing outside its data folder", async () => {
    expect(await readdir(folder)).toEqual(["data"]);
  });

  test("the executable refuses its folder to a second process, naming the one that has it", async () => {
    const second = await run(folder, ["serve"]);
    expect(second.status).toBe(1);
    expect(second.err).toContain(
      `The embedded database in data is in use by process ${demo.process.pid}, started `,
    );
  });

  test("the executable refuses a port that is taken", async () => {
    const port = new URL(demo.url).port;
    const second = await run(await emptyFolder(), ["serve"], { PORT: port });
    expect(second.status).toBe(1);
    expect(second.err).toContain(`Port ${port} of 127.0.0.1 is taken`);
  });

  test("the executable tells whether it is ready by an exit code", async () => {
    expect(await run(folder, ["healthcheck"], { LEADGATE_URL: demo.url })).toEqual({
      status: 0,
      out: "",
      err: "",
    });
  });

  test("the executable exports a configuration, plans a change of it, and applies that", async () => {
    const server = { LEADGATE_URL: demo.url };
    const file = join(folder, "leads.json");
    expect(await run(folder, ["export", "leads.json"], server)).toMatchObject({ status: 0, err: "" });
    expect(await run(folder, ["plan", "leads.json"], server)).toMatchObject({
      status: 0,
      out: expect.stringMatching(/^Nothing changes, \d+ warnings\.$/m),
    });

    const document = await Bun.file(file).json();
    document.suppliers.push({ id: "newcomer", name: "Newcomer" });
    document.campaigns[0].suppliers.push({
      supplier: "newcomer",
      payout: { mode: "fixed", amount: "9.00" },
    });
    await Bun.write(file, JSON.stringify(document));
    const planned = await run(folder, ["plan", "leads.json"], server);
    expect(planned).toMatchObject({ status: 0, err: "" });
    expect(planned.out).toContain("newcomer");

    const applied = await run(folder, ["apply", "leads.json"], server);
    expect(applied).toMatchObject({ status: 0, err: "" });
    const [, key = ""] = /^ *newcomer {2}(\S+)$/m.exec(applied.out) ?? [];
    expect(await statusOf(demo, key, await aLead(demo, "newcomer"))).toBe(201);
    await rm(file);
  });

  test("the executable makes, lists and revokes a supplier's keys", async () => {
    const keys = (...words: string[]) =>
      run(folder, ["keys", ...words], { LEADGATE_URL: demo.url }).then(({ status, out, err }) => {
        expect({ status, err }).toEqual({ status: 0, err: "" });
        return out.trim();
      });
    const key = await keys("create", "acme-media", "second");
    expect(await statusOf(demo, key, await aLead(demo))).toBe(201);

    const line = (await keys("list", "acme-media")).split("\n").find((line) => line.endsWith("second"));
    const [id = "", prefix] = line?.split(/ +/) ?? [];
    expect(key.startsWith(prefix?.replace("…", "") ?? "no prefix")).toBe(true);
    await keys("revoke", "acme-media", id);
    expect(await statusOf(demo, key, await aLead(demo))).toBe(401);
  });

  test("the executable backs itself up while it serves, and is restored elsewhere with its key", async () => {
    const server = { LEADGATE_URL: demo.url };
    const file = join(folder, "demo.backup");
    expect(await run(folder, ["backup", "--out", file], server)).toMatchObject({ status: 0, out: "" });
    const elsewhere = await emptyFolder();
    const key = { LEADGATE_SECRET_FILE: join(folder, "data", "secret") };
    const restored = await run(elsewhere, ["restore", file], key);
    // How far it is, it says only when it takes long.
    expect(restored).toMatchObject({ status: 0, err: expect.stringMatching(/^(Restoring .*\n)*$/) });
    expect(restored.out).toContain("rows restored and verified");
    expect(await run(elsewhere, ["restore", file], key)).toMatchObject({ status: 1, out: "" });
    const looked = await run(elsewhere, ["doctor"], { ...key, LEADGATE_URL: "http://127.0.0.1:1" });
    expect(looked).toMatchObject({ status: 0, err: "" });
    expect(looked.out).toContain("ok    schema            up to date");
    await rm(file);
  });

  test("the executable, alone in an empty folder, prints the licences of what it carries, and a unit that starts it", async () => {
    const { status, out } = await run(folder, ["licenses"]);
    expect(status).toBe(0);
    expect(out).toContain("Portions Copyright (c) 1994, The Regents of the University of California");
    expect((await run(folder, ["systemd"])).out).toContain("\nExecStart=/usr/local/bin/leadgate serve\n");
  });
});

test("a lead that was acknowledged before kill -9 is there after it, and the next start is not refused", async () => {
  const folder = await emptyFolder();
  const first = await start(folder, "demo");
  const answer = await send(first, await demoKey(first), await aLead(first));
  expect(answer.status).toBe(201);
  const { data } = (await answer.json()) as { data: { id: string } };
  await first.kill();

  const second = await start(folder, "demo");
  const found = await fetch(`${second.url}/api/v1/leads/${data.id}`, {
    headers: { "x-api-key": await demoKey(second) },
  });
  expect(found.status).toBe(200);
  expect(await found.json()).toMatchObject({ data: { id: data.id, status: "ACCEPTED" } });
  await second.kill();
});

test("SIGTERM: everything in flight is answered, late comers are turned away, and the exit code is 0", async () => {
  const demo = await start(await emptyFolder(), "demo");
  const key = await demoKey(demo);
  const leads = await Promise.all(Array.from({ length: 60 }, () => aLead(demo)));
  const slow = await halfSent(demo, key, JSON.stringify(leads.pop()));
  const inFlight = leads.map((lead) => statusOf(demo, key, lead));
  await Promise.race(inFlight);

  demo.process.kill("SIGTERM");
  await demo.err.find(/"message":"stopping"/);
  expect((await fetch(`${demo.url}/readyz`)).status).toBe(503);
  expect(await slow.finish()).toMatch(/^HTTP\/1\.1 503 [^]*"error":"unavailable"[^]*"retry_after":/);
  expect(new Set(await Promise.all(inFlight))).toEqual(new Set([201]));
  expect(await demo.process.exited).toBe(0);
});

test("the executable sends traces to a collector, and all of them before it ends", async () => {
  using collector = startCollector();
  const server = await start(await emptyFolder(), "serve", { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  expect((await fetch(`${server.url}/api/v1/admin/leads`)).status).toBe(401);
  server.process.kill("SIGTERM");
  expect(await server.process.exited).toBe(0);
  expect(collector.spans).toMatchObject([
    { name: "GET /api/v1/admin/leads", attributes: { "http.response.status_code": 401 } },
  ]);
  expect(collector.said()).toContain('"service.name"');
});

describe("what stands in the folder that it is started in", () => {
  test(".env and bunfig.toml are ignored", async () => {
    const folder = await emptyFolder();
    await Bun.write(join(folder, ".env"), "PORT=nonsense\nLEADGATE_NONSENSE=1\n");
    await Bun.write(join(folder, "bunfig.toml"), 'preload = ["./intruder.ts"]\n');
    await Bun.write(join(folder, "intruder.ts"), 'await Bun.write("was-here", "");\n');
    // Reads every setting, and finds nobody on the port that it was given.
    const { status, err } = await run(folder, ["healthcheck"], { PORT: "1" });
    expect({ status, err }).toEqual({ status: 1, err: "No server answers at http://127.0.0.1:1.\n" });
    expect(await readdir(folder)).not.toContain("was-here");
  });
});

describe("what is set or typed wrongly", () => {
  test("settings: a sentence for each, no value repeated, exit code 2", async () => {
    const folder = await emptyFolder();
    expect(
      await run(folder, ["serve"], { PORT: "99999", LEADGATE_SECRETS: "hunter2", LEADGATE_SECRET: "short" }),
    ).toEqual({
      status: 2,
      out: "",
      err:
        "LEADGATE_SECRET must hold at least 32 bytes.\n" +
        "PORT must be a whole number from 0 to 65535.\n" +
        "LEADGATE_SECRETS is not a setting. The nearest one is LEADGATE_SECRET.\n",
    });
    expect(await readdir(folder)).toEqual([]);
  });

  test("an unknown command: said so, with the nearest one, exit code 2", async () => {
    expect(await run(await emptyFolder(), ["server"])).toEqual({
      status: 2,
      out: "",
      err: 'There is no command "server". Did you mean serve? See leadgate help.\n',
    });
  });

  test("a command without what it needs: how it is used, exit code 2", async () => {
    const { status, err } = await run(await emptyFolder(), ["apply"]);
    expect({ status, err }).toEqual({
      status: 2,
      err: "Usage: leadgate apply FILE [--if-revision N] [--yes] [--strict] [--json]\nMissing: FILE.\n",
    });
  });

  test("a command for a server that is not running: a sentence, exit code 1", async () => {
    const env = { LEADGATE_URL: "http://127.0.0.1:1", LEADGATE_ADMIN_KEY: "x".repeat(32) };
    expect(await run(await emptyFolder(), ["export"], env)).toEqual({
      status: 1,
      out: "",
      err: "No server answers at http://127.0.0.1:1. Start one with leadgate serve, or set LEADGATE_URL.\n",
    });
  });
});

test("version and help answer whatever the settings are", async () => {
  const folder = await emptyFolder();
  const wrong = { PORT: "nonsense" };
  expect(await run(folder, ["version"], wrong)).toEqual({
    status: 0,
    out: `leadgate ${version}\n`,
    err: "",
  });
  const { status, out, err } = await run(folder, ["help"], wrong);
  expect({ status, err }).toEqual({ status: 0, err: "" });
  for (const word of ["serve", "demo", "plan", "apply", "export", "keys", "healthcheck", "DATABASE_URL"])
    expect(out).toContain(word);
});

interface Started {
  process: Bun.Subprocess<"ignore", "pipe", "pipe">;
  url: string;
  out: Heard;
  err: Heard;
  /** kill -9, and waits until it is gone. */
  kill(): Promise<void>;
}

const running = new Set<Started>();

/** Starts the server in `folder` and waits until it listens. */
async function start(
  folder: string,
  command: "serve" | "demo",
  env: Record<string, string> = {},
): Promise<Started> {
  const child = spawn(folder, [command], { PORT: "0", ...env });
  const out = hear(child.stdout);
  const err = hear(child.stderr);
  const started: Started = {
    process: child,
    url: "",
    out,
    err,
    async kill() {
      child.kill("SIGKILL");
      await child.exited;
      running.delete(started);
    },
  };
  running.add(started);
  const [, port] = await err.find(/"message":"listening".*"port":(\d+)/);
  return Object.assign(started, { url: `http://127.0.0.1:${port}` });
}

/** Runs a command to its end. */
async function run(folder: string, words: string[], env: Record<string, string> = {}) {
  const child = spawn(folder, words, env);
  const text = (said: ReadableStream) => new Response(said).text();
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { status: await child.exited, out, err };
}

/** With nothing of this process' environment but how to compile: no PATH, no home, no settings. */
function spawn(cwd: string, words: string[], settings: Record<string, string>) {
  const env = { ...SHORT_LIFE, ...settings };
  return Bun.spawn([executable, ...words], { cwd, env, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
}

let folders = 0;

async function emptyFolder(): Promise<string> {
  folders += 1;
  const folder = join(place, `folder-${folders}`);
  await mkdir(folder);
  return folder;
}

interface Heard {
  /** Waits for it to be said; fails when the process ends without. */
  find(pattern: RegExp): Promise<RegExpExecArray>;
}

function hear(stream: AsyncIterable<Uint8Array>): Heard {
  const decoder = new TextDecoder();
  let text = "";
  let ended = false;
  let news = Promise.withResolvers<void>();
  const wake = () => {
    news.resolve();
    news = Promise.withResolvers();
  };
  void (async () => {
    for await (const chunk of stream) {
      text += decoder.decode(chunk, { stream: true });
      wake();
    }
    ended = true;
    wake();
  })();
  return {
    async find(pattern) {
      for (;;) {
        const found = pattern.exec(text);
        if (found !== null) return found;
        if (ended) throw new Error(`The process ended without saying ${pattern}. It said:\n${text}`);
        await news.promise;
      }
    },
  };
}

async function demoLine(demo: Started, pattern: RegExp): Promise<string> {
  await demo.out.find(/How a lead was decided, by the id in its answer:\n\n.*\n/);
  const [line] = await demo.out.find(pattern);
  return line;
}

async function demoKey(demo: Started): Promise<string> {
  const [, key = ""] = /x-api-key: (\S+)'/.exec(await demoLine(demo, /^ *curl -i .*$/m)) ?? [];
  return key;
}

/** The words that a shell makes of a printed line, sent as curl would send them; a machine that runs the tests need not have curl. */
async function asTyped(line: string): Promise<Response> {
  const shell = Bun.spawnSync(["sh", "-c", `curl() { printf '%s\\0' "$@"; }; ${line}`]);
  expect({ status: shell.exitCode, err: shell.stderr.toString() }).toEqual({ status: 0, err: "" });
  const words = shell.stdout.toString().split("\0").slice(0, -1);
  const headers = new Headers();
  let url = "";
  let body: string | undefined;
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === "-H") headers.set(...halves(words.shift() ?? ""));
    else if (word === "-d") body = words.shift();
    else if (word !== "-i") url = word;
  }
  return await fetch(url, body === undefined ? { headers } : { method: "POST", headers, body });
}

function halves(header: string): [string, string] {
  const [name = "", ...value] = header.split(": ");
  return [name, value.join(": ")];
}

let people = 0;

/** The lead that the demo prints, of a person whom it has not seen yet. */
async function aLead(demo: Started, supplier = "acme-media"): Promise<Record<string, unknown>> {
  people += 1;
  const person = people;
  const [, printed = ""] = /-d '(.*)'/.exec(await demoLine(demo, /^ *curl -i .*$/m)) ?? [];
  return {
    ...JSON.parse(printed),
    flo_supplier_id: supplier,
    phone: `(512) 556-${1000 + person}`,
    email: `person.${person}@example.com`,
  };
}

async function send(demo: Started, key: string, lead: Record<string, unknown>): Promise<Response> {
  return await fetch(`${demo.url}/api/v1/ingest`, {
    method: "POST",
    headers: { "x-api-key": key, "content-type": "application/json" },
    body: JSON.stringify(lead),
  });
}

async function statusOf(demo: Started, key: string, lead: Record<string, unknown>): Promise<number> {
  return (await send(demo, key, lead)).status;
}

/**
 * Sends a lead up to the middle of its body. A first request goes out in the same packet: once that one is answered, the server
 * certainly has the beginning of the second.
 */
async function halfSent(demo: Started, key: string, body: string): Promise<{ finish(): Promise<string> }> {
  const socket = connect(Number(new URL(demo.url).port), "127.0.0.1");
  const received = hear(socket);
  const head = [
    "POST /api/v1/ingest HTTP/1.1",
    "host: localhost",
    `x-api-key: ${key}`,
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  socket.write(
    `GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n${head.join("\r\n")}\r\n\r\n${body.slice(0, 20)}`,
  );
  await received.find(/"alive"\}/);
  return {
    async finish() {
      socket.write(body.slice(20));
      const [, answer = ""] = await received.find(/"alive"\}(HTTP[^]*\r\n\r\n[^]*\})$/);
      socket.destroy();
      return answer;
    },
  };
}
