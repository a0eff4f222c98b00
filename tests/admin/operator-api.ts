import type { Elysia } from "elysia";
import { createLoginThrottle } from "#access/login-throttle.ts";
import { operatorGates } from "#access/sessions/operator-gate.ts";
import { createSessions } from "#access/sessions/session.ts";
import type { AdminParts } from "#admin/parts.ts";
import type { Database } from "#database/database.ts";
import type { Due } from "#delivery/outbox/outbox-records.ts";
import { readOutboxState } from "#delivery/outbox/outbox-state-records.ts";
import type { Route } from "#http/route.ts";
import { openTurns } from "#intake/turns.ts";
import { mountRoutes } from "#runtime/mount.ts";
import { operatorRoutes } from "#runtime/routes.ts";
import { createLog } from "#telemetry/log.ts";

export const operatorKey = "lg_admin_only-for-these-tests";
export const now = new Date("2026-03-04T12:00:00Z");
const pepper = new Uint8Array(32).fill(7);
export const secretKey = new Uint8Array(32).fill(8);

/** The operator's routes over a database. `wake` is told for whom something was made due. */
export function operatorRoutesOver(database: Database, wake: (due: Due) => void = () => undefined): Route[] {
  const attempts = createLoginThrottle(() => 0);
  const addressOf = () => undefined;
  const sessions = createSessions({
    database,
    operatorKey,
    relyingParty: null,
    attempts,
    addressOf,
    now: () => now,
  });
  const operators = operatorGates({
    database,
    operatorKey,
    sessions,
    attempts,
    addressOf,
    operatorKeyUsed: () => undefined,
    now: () => now,
  });
  const parts: AdminParts = {
    operators,
    sessions,
    database,
    pepper,
    secretKey,
    wake: (campaignId, recipients) => {
      for (const recipient of recipients) wake({ campaignId, recipient });
    },
    keysChanged: () => undefined,
    testPing: async () => undefined,
    tell: () => undefined,
    tellIn: async () => () => undefined,
    wakeErasure: () => undefined,
    wakeSimulations: () => undefined,
    redistribute: () => {
      throw new Error("these routes have no lanes to send a lead round in");
    },
    importLeads: () => {
      throw new Error("these routes have no lanes to take leads in");
    },
    turns: openTurns(),
    simulate: () => {
      throw new Error("these routes decide no leads");
    },
    releaseHeld: () => {
      throw new Error("these routes have no lanes to decide a lead in");
    },
    rejectHeld: () => {
      throw new Error("these routes have no lanes to decide a lead in");
    },
    acceptReturn: () => {
      throw new Error("these routes have no lanes to undo a sale in");
    },
    docsLink: () => {
      throw new Error("these routes have no pages to link to");
    },
    publicUrl: "https://leads.example",
    facts: {
      host: "tests",
      settings: {},
      floorBytes: 0,
      freeBytes: async () => null,
      mailAnswers: async () => null,
      outbox: () => database.read((db) => readOutboxState(db, now.toISOString())),
      locked: () => [],
      strangersForward: () => false,
    },
    invite: null,
    mailIsSetUp: false,
    isRefused: () => false,
    lastUse: () => undefined,
    now: () => now,
    log: { warn: () => undefined },
    stopping: new AbortController().signal,
  };
  return operatorRoutes(parts);
}

interface OperatorApi {
  readonly app: Elysia;
  /** For whom something was made due since it was last asked. */
  readonly woken: Due[];
}

/** One for each database: putting the routes together takes longer than most answers. */
const apis = new WeakMap<Database, OperatorApi>();

function apiOver(database: Database): OperatorApi {
  const made = apis.get(database) ?? makeApi(database);
  apis.set(database, made);
  return made;
}

function makeApi(database: Database): OperatorApi {
  const woken: Due[] = [];
  const routes = operatorRoutesOver(database, (due) => woken.push(due));
  const app = mountRoutes(routes, {
    began: () => undefined,
    enter: () => () => undefined,
    follow: () => ({ trace: undefined, answered: () => undefined }),
    isStopping: () => false,
    missingNodes: () => [],
    isOneOfSeveral: false,
    log: createLog({ format: "json", level: "error", write: () => undefined, now: () => now }),
  });
  return { app, woken };
}

export function operatorApi(database: Database): Elysia {
  return apiOver(database).app;
}

export interface Ask {
  method?: string;
  headers?: Record<string, string>;
  /** Text goes as it is, anything else as JSON. */
  body?: unknown;
  /** Is told for whom something was made due. */
  woken?: Due[];
}

export interface Answer {
  status: number;
  headers: Headers;
  /** The body, when it is JSON. */
  body: AnswerBody;
  text: string;
}

/** All that an answer may hold; which of it does, tests find out. */
interface AnswerBody {
  error: string;
  message: string;
  field_errors: { field: string; code: string; message: string }[];
  secret: string;
  data: {
    revision: number;
    created_keys: { supplier_id: string; id: string; key: string }[];
    id: string;
    key: string;
    prefix: string;
    suppressed: boolean;
  };
}

/** Asks as an operator, unless the headers say otherwise. */
export async function ask(
  database: Database,
  path: string,
  { method = "GET", headers, body, woken }: Ask = {},
): Promise<Answer> {
  const api = apiOver(database);
  const response = await api.app.handle(
    new Request(`http://localhost/api/v1/admin${path}`, {
      method,
      headers: {
        authorization: `Bearer ${operatorKey}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    }),
  );
  const text = await response.text();
  const due = api.woken.splice(0);
  woken?.push(...due);
  const isJson = response.headers.get("content-type")?.startsWith("application/json") === true;
  const parsed = (isJson ? JSON.parse(text) : undefined) as AnswerBody;
  return { status: response.status, headers: response.headers, body: parsed, text };
}
