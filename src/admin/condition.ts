import { readMailedBuyers } from "#campaigns/recipient-records.ts";
import { type DatabaseStatus, readDatabaseStatus } from "#database/engine/database-status.ts";
import { readNodes } from "#database/nodes/nodes-records.ts";
import { type EndpointReport, readEndpointReports } from "#delivery/endpoint-reports.ts";
import { recipientIds } from "#delivery/recipients/endpoint-alert.ts";
import { findOldMonths, heldBackData } from "#erasure/drop-months.ts";
import { type Route, route } from "#http/route.ts";
import { count, dataOf, flag, listOf, objectOf, text, textOrNull, time, wordOf } from "#http/schema.ts";
import { reply } from "#http/words.ts";
import { version } from "../../package.json" with { type: "json" };
import { LISTED_ENDPOINT, listedEndpoint } from "./endpoints.ts";
import type { AdminParts, ServerFacts } from "./parts.ts";

/** Endpoints that are not up, of which the condition tells one by one. */
const MOST_ENDPOINTS = 50;

/** How the installation is, as the server that has the database open sees it. */
export function conditionRoute(parts: AdminParts): Route {
  return route({
    method: "get",
    path: "/api/v1/admin/condition",
    who: parts.operators.read,
    answer: async ({ context }) => context.json(200, { data: await conditionNow(parts) }),
    words: {
      operation: "getCondition",
      section: "Operators",
      summary: "The condition of the server, for leadgate doctor",
      description: `How the server that answers is: the settings that it goes by, without secrets; its database, disk and
mail server, which it greets for this; what waits to be sent, and which endpoints are not up.`,
      replies: { 200: reply("The condition.", dataOf(CONDITION)) },
    },
  });
}

async function conditionNow({ database, facts, now }: AdminParts) {
  const [status, nodes, isStandbyRecent, reports, mailed, { heldBack }, outbox, freeBytes, mailAnswers] =
    await Promise.all([
      readDatabaseStatus(database),
      database.isSpread ? database.read(readNodes) : null,
      database.isStandbyRecent(),
      database.read((db) => readEndpointReports(db, now())),
      database.read(readMailedBuyers),
      database.read((db) => findOldMonths(db, now())),
      facts.outbox(),
      facts.freeBytes(),
      facts.mailAnswers(),
    ]);
  const { oldestDueMs, ...waiting } = outbox;
  const away = database.whatIsThere?.away() ?? [];
  return {
    version,
    host: facts.host,
    settings: facts.settings,
    database: {
      ...databaseInJson(status),
      read_standby: isStandbyRecent,
      nodes: nodes?.map((each) => ({ ...each, there: !away.includes(each.address) })) ?? null,
    },
    disk: freeBytes === null ? null : { free_bytes: freeBytes, floor_bytes: facts.floorBytes },
    outbox: { ...waiting, oldest_due_seconds: Math.floor(oldestDueMs / 1000) },
    endpoints: endpointsInJson(reports),
    locked: facts.locked().map(recipientIds),
    mail: { set_up: mailAnswers !== null, answers: mailAnswers, needed_by: mailed },
    proxies: { strangers_forward: facts.strangersForward() },
    records: { held_back: heldBack === undefined ? null : heldBackData(heldBack) },
  };
}

function databaseInJson(condition: DatabaseStatus) {
  return {
    kind: condition.kind,
    version: condition.version,
    durable: condition.isDurable,
    standby: condition.isStandby,
    schema: condition.schema,
    clock_ahead_ms: condition.aheadMs,
    size_bytes: condition.bytes,
  };
}

function endpointsInJson(reports: readonly EndpointReport[]) {
  const notUp = reports.filter(({ state }) => state !== "up");
  const counted = (state: EndpointReport["state"]) => reports.filter((each) => each.state === state).length;
  return {
    up: counted("up"),
    down: counted("down"),
    paused: counted("paused"),
    not_up: notUp.slice(0, MOST_ENDPOINTS).map(listedEndpoint),
  };
}

const SETTINGS_SHOWN = {
  type: "object",
  additionalProperties: { type: ["string", "integer", "number", "null"] },
  description:
    "By the names of the settings, with their defaults; *** for a secret, null for what is not set.",
  examples: [
    { PORT: 8080, WEBHOOK_ALLOW_CIDRS: "10.1.0.0/16", SMTP_URL: "***" } satisfies Partial<
      ServerFacts["settings"]
    >,
  ],
};

const CONDITION = objectOf({
  version: { type: "string", description: "Of the server." },
  host: { type: "string", description: "The name of the machine that it runs on." },
  settings: SETTINGS_SHOWN,
  database: objectOf({
    kind: wordOf(["postgres", "embedded"]),
    version: { type: "string", description: "Of PostgreSQL." },
    durable: flag,
    standby: flag,
    read_standby: {
      type: ["boolean", "null"],
      description:
        "Whether the standby of DATABASE_READ_URL is there, and recent enough to be read; null: none is set.",
    },
    schema: wordOf(["up to date", "older", "newer"]),
    clock_ahead_ms: { type: "integer", description: "Of the server's clock." },
    size_bytes: { type: "integer" },
    nodes: {
      anyOf: [
        listOf(
          objectOf({ node: count, address: text, there: { ...flag, description: "Whether it answers." } }),
        ),
        { type: "null" },
      ],
      description: "The nodes of Citus that campaigns are on; null: it is one Postgres, or embedded.",
    },
  }),
  disk: {
    anyOf: [objectOf({ free_bytes: count, floor_bytes: count }), { type: "null" }],
    description: "Where the embedded database is; null: the database is elsewhere.",
  },
  outbox: objectOf({
    pending: { ...count, description: "Each is counted to 10,000." },
    due: count,
    paused: count,
    dead: count,
    oldest_due_seconds: { ...count, description: "How long what is due has been so." },
  }),
  endpoints: objectOf({
    up: count,
    down: count,
    paused: count,
    not_up: { ...listOf(LISTED_ENDPOINT), description: `The first ${MOST_ENDPOINTS}.` },
  }),
  locked: {
    ...listOf(objectOf({ buyer_id: textOrNull, webhook_id: textOrNull, conversion_id: textOrNull })),
    description: "Who is sent nothing, as the stored secret does not open under this LEADGATE_SECRET.",
  },
  mail: objectOf({
    set_up: flag,
    answers: {
      type: ["boolean", "null"],
      description: "Whether the mail server takes the server in; null: none is set.",
    },
    needed_by: { ...listOf(text), description: "The buyers that are sent e-mail." },
  }),
  proxies: objectOf({
    strangers_forward: {
      type: "boolean",
      description:
        "Whether X-Forwarded-For came from an address that is no trusted proxy, since the server started.",
    },
  }),
  records: objectOf({
    held_back: {
      anyOf: [
        objectOf({
          before: time,
          leads: { ...count, description: "Leads that are held or pending. Each is counted to 1,000 or so." },
          deliveries: { ...count, description: "Deliveries that wait, are paused, or were refused." },
          returns: { ...count, description: "Returns about which nobody has decided." },
          lead_id: { ...textOrNull, description: "One of the leads, or one that is to be returned." },
          delivery_id: textOrNull,
        }),
        { type: "null" },
      ],
      description:
        "What keeps leads and deliveries of a month, the one that ends there, that is over for records_days; null: nothing does.",
    },
  }),
});
