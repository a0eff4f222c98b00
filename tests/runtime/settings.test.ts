import { describe, expect, test } from "bun:test";
import { mkdtemp, writeFile } from "node:fs/promises";
import { BlockList } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSettings, SETTINGS, SettingsError } from "#runtime/settings.ts";

const SECRET = "s3cret-".repeat(5);
const DATABASE = "postgres://leadgate:hunter2@db.example/leads";

/** The problems that reading `env` finds; none when it is in order. */
function problemsWith(env: Record<string, string | undefined>): readonly string[] {
  try {
    readSettings(env, false);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}

describe("the server's settings", () => {
  test("are complete when nothing is set", () => {
    expect(readSettings({}, true)).toEqual({
      environment: "development",
      host: "127.0.0.1",
      port: 8080,
      serverUrl: "http://127.0.0.1:8080",
      dataDir: "./data",
      database: { dataDir: "./data", connections: 10, writers: 8, deadlineMs: 5000 },
      processes: { count: 1, copy: undefined },
      memory: "normal",
      logFormat: "text",
      logLevel: "info",
      metrics: "keyed",
      docs: "open",
      webhookAllowCidrs: [],
      trustedProxies: [],
      graphUrl: "https://graph.facebook.com",
      queueLimit: 10_000,
      maxBatch: 256,
      supplierBytesPerDay: 10 * 1024 ** 3,
      diskFloorBytes: 512 * 1024 ** 2,
      requestsPerAddress: 1000,
    });
  });

  test("take every variable there is", () => {
    const env = {
      HOST: "0.0.0.0",
      PORT: "0",
      DATABASE_URL: DATABASE,
      DATA_DIR: "/var/lib/leadgate",
      LEADGATE_SECRET: SECRET,
      LEADGATE_ADMIN_KEY: "an-operator-key-of-some-length",
      LEADGATE_ENV: "Production",
      LEADGATE_PUBLIC_URL: "https://leads.example/in/",
      LEADGATE_URL: "http://leads.internal:8080/",
      LEADGATE_PROCESSES: "2/4",
      LEADGATE_PEER_ADDRESS: "[fd00::5]:7800",
      LEADGATE_MEMORY: "low",
      LOG_FORMAT: "JSON",
      LEADGATE_LOG_LEVEL: "debug",
      LEADGATE_METRICS: "open",
      LEADGATE_DOCUMENTS: "keyed",
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector.example:4318/",
      OTEL_EXPORTER_OTLP_HEADERS: "api-key=a%20b, tenant=leads",
      OTEL_SERVICE_NAME: "leads-eu",
      OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=staging",
      OTEL_TRACES_SAMPLER: "traceidratio",
      OTEL_TRACES_SAMPLER_ARG: "0.25",
      WEBHOOK_ALLOW_CIDRS: "10.1.0.0/16, fd00::/8 192.168.1.5",
      LEADGATE_TRUSTED_PROXIES: "10.9.0.1",
      SMTP_URL: "smtp://leads:hunter2@mail.example:587",
      SMTP_FROM: "Leads <leads@company.example>",
      META_GRAPH_URL: "http://localhost:9000/",
      LEADGATE_DATABASE_CONNECTIONS: "20",
      LEADGATE_DATABASE_WRITERS: "4",
      LEADGATE_DATABASE_DEADLINE_MS: "2500",
      DATABASE_READ_URL: "postgres://leadgate@standby.example/leads",
      LEADGATE_DATABASE_READ_LAG_MS: "2000",
      LEADGATE_QUEUE_LIMIT: "500",
      LEADGATE_MAX_BATCH: "64",
      LEADGATE_SUPPLIER_MB_PER_DAY: "2",
      LEADGATE_DISK_FLOOR_MB: "1",
      LEADGATE_REQUESTS_PER_ADDRESS: "0",
    };
    expect(readSettings(env, true)).toEqual({
      environment: "production",
      host: "0.0.0.0",
      port: 0,
      publicUrl: "https://leads.example/in",
      serverUrl: "http://leads.internal:8080",
      dataDir: "/var/lib/leadgate",
      database: {
        databaseUrl: DATABASE,
        standby: { url: "postgres://leadgate@standby.example/leads", mostLagMs: 2000 },
        dataDir: "/var/lib/leadgate",
        connections: 20,
        writers: 4,
        deadlineMs: 2500,
      },
      secret: SECRET,
      adminKey: "an-operator-key-of-some-length",
      processes: { count: 4, copy: 2 },
      peerAddress: { host: "fd00::5", port: 7800 },
      memory: "low",
      logFormat: "json",
      logLevel: "debug",
      metrics: "open",
      docs: "keyed",
      tracing: {
        endpoint: "http://collector.example:4318/v1/traces",
        headers: { "api-key": "a b", tenant: "leads" },
        resource: { "service.name": "leads-eu", "deployment.environment.name": "staging" },
        sampler: "traceidratio",
        sampledShare: 0.25,
      },
      webhookAllowCidrs: [
        { address: "10.1.0.0", prefix: 16, family: "ipv4" },
        { address: "fd00::", prefix: 8, family: "ipv6" },
        { address: "192.168.1.5", prefix: 32, family: "ipv4" },
      ],
      trustedProxies: [{ address: "10.9.0.1", prefix: 32, family: "ipv4" }],
      smtp: { url: "smtp://leads:hunter2@mail.example:587", from: "Leads <leads@company.example>" },
      graphUrl: "http://localhost:9000",
      queueLimit: 500,
      maxBatch: 64,
      supplierBytesPerDay: 2 * 1024 ** 2,
      diskFloorBytes: 1024 ** 2,
      requestsPerAddress: 0,
    });
    expect(Object.keys(env).sort()).toEqual(
      SETTINGS.map(({ name }) => name)
        .filter((name) => !name.endsWith("_FILE"))
        .sort(),
    );
  });

  test("treat an empty variable as absent", () => {
    expect(
      readSettings(
        { PORT: "", HOST: "  ", DATABASE_URL: "", LEADGATE_SECRET: "", LEADGATE_SECRET_FILE: "" },
        false,
      ),
    ).toEqual(readSettings({}, false));
  });

  test.each([
    ["0.0.0.0", "http://127.0.0.1:9000"],
    ["::", "http://[::1]:9000"],
    ["10.0.0.5", "http://10.0.0.5:9000"],
    ["localhost", "http://localhost:9000"],
  ])("let commands on a server that listens on %s call %s", (HOST, called) => {
    expect(readSettings({ HOST, PORT: "9000" }, false).serverUrl).toBe(called);
  });

  test("log as JSON where no terminal is", () => expect(readSettings({}, false).logFormat).toBe("json"));

  test("name networks in the form that a block list takes", () => {
    const list = new BlockList();
    for (const { address, prefix, family } of readSettings(
      { WEBHOOK_ALLOW_CIDRS: "10.1.2.3/8,fd00::/8" },
      false,
    ).webhookAllowCidrs) {
      list.addSubnet(address, prefix, family);
    }
    expect([list.check("10.200.0.1"), list.check("11.0.0.1"), list.check("fd12::1", "ipv6")]).toEqual([
      true,
      false,
      true,
    ]);
  });

  test("have their defaults in the table that people read", () => {
    const spelled = Object.fromEntries(
      SETTINGS.filter((setting) => setting.default !== "").map(({ name, default: value }) => [name, value]),
    );
    expect(readSettings(spelled, false)).toEqual(readSettings({}, false));
  });
});

describe("a setting is refused with a sentence:", () => {
  test.each([
    [{ PORT: "http" }, "PORT must be a whole number from 0 to 65535."],
    [{ PORT: "65536" }, "PORT must be a whole number from 0 to 65535."],
    [{ PORT: "-1" }, "PORT must be a whole number from 0 to 65535."],
    [{ PORT: "0x50" }, "PORT must be a whole number from 0 to 65535."],
    [{ LEADGATE_MAX_BATCH: "0" }, "LEADGATE_MAX_BATCH must be a whole number from 1 to 1024."],
    [
      { LEADGATE_DATABASE_DEADLINE_MS: "5s" },
      "LEADGATE_DATABASE_DEADLINE_MS must be a whole number from 100 to 60000.",
    ],
    [
      { DATABASE_URL: "mysql://db", LEADGATE_SECRET: SECRET },
      "DATABASE_URL must be an address that starts with postgres:// or postgresql://.",
    ],
    [
      { DATABASE_URL: "postgres://a,b/leads?target_session_attrs=standby", LEADGATE_SECRET: SECRET },
      "DATABASE_URL must be an address of Postgres whose target_session_attrs is read-write or any.",
    ],
    [
      { LEADGATE_PEER_ADDRESS: "10.0.0.5" },
      "LEADGATE_PEER_ADDRESS must be host:port, such as 10.0.0.5:7800.",
    ],
    [{ LEADGATE_PROCESSES: "many" }, "LEADGATE_PROCESSES must be a whole number from 1 to 64, or auto."],
    [
      { LEADGATE_PROCESSES: "2" },
      "LEADGATE_PROCESSES must be 1 without DATABASE_URL: the embedded database is for one process. Use Postgres for more.",
    ],
    [
      { DATABASE_READ_URL: "postgres://standby/leads" },
      "DATABASE_READ_URL is set without DATABASE_URL, whose standby it would be.",
    ],
    [
      { DATABASE_URL: "postgres:///leads", LEADGATE_SECRET: SECRET },
      "DATABASE_URL must be an address that starts with postgres:// or postgresql://.",
    ],
    [
      { LEADGATE_PUBLIC_URL: "leads.example" },
      "LEADGATE_PUBLIC_URL must be an address that starts with http:// or https://.",
    ],
    [
      { LEADGATE_PUBLIC_URL: "https://leads.example/?a=b" },
      "LEADGATE_PUBLIC_URL must be an address that starts with http:// or https://.",
    ],
    [{ LOG_FORMAT: "xml" }, "LOG_FORMAT must be text or json."],
    [{ LEADGATE_LOG_LEVEL: "loud" }, "LEADGATE_LOG_LEVEL must be debug, info, warn or error."],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318" },
      "OTEL_EXPORTER_OTLP_ENDPOINT must be an address that starts with http:// or https://.",
    ],
    [
      { OTEL_EXPORTER_OTLP_HEADERS: "api-key" },
      "OTEL_EXPORTER_OTLP_HEADERS must be pairs such as name=value,other=value.",
    ],
    [
      { OTEL_TRACES_SAMPLER: "sometimes" },
      "OTEL_TRACES_SAMPLER must be parentbased_always_on, always_on, always_off, traceidratio, " +
        "parentbased_always_off or parentbased_traceidratio.",
    ],
    [{ OTEL_TRACES_SAMPLER_ARG: "5" }, "OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1, such as 0.05."],
    [{ LEADGATE_METRICS: "public" }, "LEADGATE_METRICS must be keyed or open."],
    [{ LEADGATE_ENV: "staging" }, "LEADGATE_ENV must be production or development."],
    [{ LEADGATE_SECRET: "x".repeat(31) }, "LEADGATE_SECRET must hold at least 32 bytes."],
    [
      { LEADGATE_ADMIN_KEY: "short" },
      "LEADGATE_ADMIN_KEY must be 24 to 200 characters of ASCII without spaces.",
    ],
    [
      { LEADGATE_ADMIN_KEY: "an operator key that has spaces" },
      "LEADGATE_ADMIN_KEY must be 24 to 200 characters of ASCII without spaces.",
    ],
    [{ LEADGATE_SECRET_FILE: "/nowhere/secret" }, "LEADGATE_SECRET_FILE names a file that cannot be read."],
    [
      { LEADGATE_SECRET: SECRET, LEADGATE_SECRET_FILE: "/nowhere" },
      "LEADGATE_SECRET and LEADGATE_SECRET_FILE are both set; set one of them.",
    ],
    [
      { WEBHOOK_ALLOW_CIDRS: "10.0.0.0/8,10.0.0/8" },
      "WEBHOOK_ALLOW_CIDRS, entry 2, is not a network such as 10.1.0.0/16 or fd00::/8.",
    ],
    [
      { WEBHOOK_ALLOW_CIDRS: "10.0.0.0/33" },
      "WEBHOOK_ALLOW_CIDRS, entry 1, is not a network such as 10.1.0.0/16 or fd00::/8.",
    ],
    [
      { WEBHOOK_ALLOW_CIDRS: "10.0.0.0/" },
      "WEBHOOK_ALLOW_CIDRS, entry 1, is not a network such as 10.1.0.0/16 or fd00::/8.",
    ],
    [
      { WEBHOOK_ALLOW_CIDRS: "10.0.0.0/8/8" },
      "WEBHOOK_ALLOW_CIDRS, entry 1, is not a network such as 10.1.0.0/16 or fd00::/8.",
    ],
    [
      { WEBHOOK_ALLOW_CIDRS: "fe80::1%eth0/64" },
      "WEBHOOK_ALLOW_CIDRS, entry 1, is not a network such as 10.1.0.0/16 or fd00::/8.",
    ],
    [
      { LEADGATE_TRUSTED_PROXIES: "10.0.0.0/8 nginx" },
      "LEADGATE_TRUSTED_PROXIES, entry 2, is not a network such as 10.1.0.0/16 or fd00::/8.",
    ],
    [
      { SMTP_URL: "mail.example:587", SMTP_FROM: "leads@company.example" },
      "SMTP_URL must be an address that starts with smtp:// or smtps://.",
    ],
    [{ SMTP_URL: "smtp://mail.example" }, "SMTP_URL and SMTP_FROM go together; only one of them is set."],
    [
      { SMTP_URL: "smtp://mail.example", SMTP_FROM: "Leads <leads>" },
      "SMTP_FROM must be an address such as leads@company.example or Name <leads@company.example>.",
    ],
    [
      { SMTP_URL: "smtp://mail.example", SMTP_FROM: "a@b.example, c@d.example" },
      "SMTP_FROM must be an address such as leads@company.example or Name <leads@company.example>.",
    ],
    [{ LEADGATE_SECERT: SECRET }, "LEADGATE_SECERT is not a setting. The nearest one is LEADGATE_SECRET."],
    [{ LEADGATE_BATCH: "1" }, "LEADGATE_BATCH is not a setting. The nearest one is LEADGATE_MAX_BATCH."],
    [{ LEADGATE_PORT: "80" }, "LEADGATE_PORT is not a setting. The nearest one is PORT."],
  ])("%o", (env, sentence) => expect(problemsWith(env)).toEqual([sentence]));

  test("all wrong settings are named at once", () => {
    expect(
      problemsWith({ PORT: "x", LOG_FORMAT: "x", LEADGATE_ADMIN_KEY: "x", LEADGATE_X: "x" }),
    ).toHaveLength(4);
  });

  test("no sentence repeats what was set", () => {
    const wrong = "hunter2";
    const env = Object.fromEntries(SETTINGS.map(({ name }) => [name, wrong]));
    expect(problemsWith(env).length).toBeGreaterThan(10);
    expect(problemsWith({ ...env, LEADGATE_HUNT: wrong }).join()).not.toContain(wrong);
  });
});

describe("an address that holds a password may come from a file:", () => {
  const fileWith = async (text: string) => {
    const file = join(await mkdtemp(join(tmpdir(), "leadgate-")), "address");
    await writeFile(file, text);
    return file;
  };

  test("DATABASE_URL", async () => {
    const DATABASE_URL_FILE = await fileWith(`${DATABASE}\n`);
    const settings = readSettings({ DATABASE_URL_FILE, LEADGATE_SECRET: SECRET }, false);
    expect(settings.database.databaseUrl).toBe(DATABASE);
    expect(settings.environment).toBe("production");
    expect(problemsWith({ DATABASE_URL_FILE })).toEqual([
      expect.stringContaining("LEADGATE_SECRET is required with DATABASE_URL in production"),
    ]);
    expect(problemsWith({ DATABASE_URL_FILE, DATABASE_URL: DATABASE, LEADGATE_ENV: "development" })).toEqual([
      "DATABASE_URL and DATABASE_URL_FILE are both set; set one of them.",
    ]);
  });

  test("SMTP_URL", async () => {
    const url = "smtp://leads:hunter2@mail.example:587";
    const SMTP_FROM = "leads@company.example";
    expect(readSettings({ SMTP_URL_FILE: await fileWith(url), SMTP_FROM }, false).smtp).toEqual({
      url,
      from: SMTP_FROM,
    });
    expect(problemsWith({ SMTP_URL_FILE: await fileWith("hunter2"), SMTP_FROM })).toEqual([
      "The file of SMTP_URL_FILE must be an address that starts with smtp:// or smtps://.",
    ]);
  });
});

describe("the master key", () => {
  test("is required with DATABASE_URL, since every server on one database needs the same", () => {
    expect(problemsWith({ DATABASE_URL: DATABASE })).toEqual([
      expect.stringContaining("LEADGATE_SECRET is required with DATABASE_URL in production"),
    ]);
  });

  test("is not required in development, nor with the embedded database", () => {
    expect(problemsWith({ DATABASE_URL: DATABASE, LEADGATE_ENV: "development" })).toEqual([]);
    expect(problemsWith({ LEADGATE_ENV: "production" })).toEqual([]);
  });

  test("may come from a file, whose last newline is no part of it", async () => {
    const file = join(await mkdtemp(join(tmpdir(), "leadgate-")), "secret");
    await writeFile(file, `${SECRET}\n`);
    expect(readSettings({ DATABASE_URL: DATABASE, LEADGATE_SECRET_FILE: file }, false).secret).toBe(SECRET);
    await writeFile(file, "short\n");
    expect(problemsWith({ LEADGATE_SECRET_FILE: file })).toEqual([
      "The file of LEADGATE_SECRET_FILE must hold at least 32 bytes.",
    ]);
  });

  test("is counted in bytes, not in letters", () =>
    expect(problemsWith({ LEADGATE_SECRET: "é".repeat(16) })).toEqual([]));
});

describe("in a Kubernetes pod", () => {
  test("the variables of a service called leadgate don't stop the start", () => {
    const links = {
      LEADGATE_SERVICE_HOST: "10.0.0.11",
      LEADGATE_SERVICE_PORT: "8080",
      LEADGATE_SERVICE_PORT_HTTP: "8080",
      LEADGATE_PORT: "tcp://10.0.0.11:8080",
      LEADGATE_PORT_8080_TCP: "tcp://10.0.0.11:8080",
      LEADGATE_PORT_8080_TCP_PROTO: "tcp",
      LEADGATE_POSTGRES_SERVICE_HOST: "10.0.0.12",
      LEADGATE_POSTGRES_PORT: "tcp://10.0.0.12:5432",
    };
    expect(problemsWith(links)).toEqual([]);
  });
});
