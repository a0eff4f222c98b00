import { timingSafeEqual } from "node:crypto";
import { Elysia } from "elysia";
import { hashKey } from "#access/api-key.ts";
import type { LoginThrottle } from "#access/login-throttle.ts";
import {
  hasOperatorKeyForm,
  type OperatorKeyHolder,
  readOperatorKeyHolder,
} from "#access/operator-key-records.ts";
import { covers, isRole, type Role } from "#access/role.ts";
import type { Database } from "#database/database.ts";
import type { Recipient } from "#endpoints/recipient.ts";
import { errorReply, requestIdOf } from "#http/reply.ts";
import type { NotOpen } from "#intake/reopen.ts";
import type { SupplierReply } from "#intake/reply/reply.ts";
import type { Log } from "#telemetry/log.ts";

/** What the operator API works with. */
export interface AdminContext {
  database: Database;
  /** Keys the hashes under which suppression entries are kept. */
  pepper: Uint8Array;
  /** What signing secrets are sealed under. */
  secretKey: Uint8Array;
  /** Says that keys or suppliers were changed. */
  keysChanged(): void;
  /** Says that deliveries of a campaign to these recipients were made due. */
  wake(campaignId: string, recipients: Iterable<Recipient>): void;
  /** Says that an order to forget a person was written. */
  wakeErasure(): void;
  /** Decides a lead on record (a UUID) once more. */
  redistribute(leadId: string): Promise<SupplierReply | NotOpen>;
  /** The address of a campaign's page, signed: a path when it is not known where callers reach the server. */
  docsLink(target: { campaignId: string; reader: DocsReader }, expiresAt: Date): string;
  /** What this server knows of a key's last use beyond what is on record. */
  lastUse(keyId: string): Date | undefined;
  now(): Date;
  log: Pick<Log, "warn">;
  /** Aborted when the server stops: answers that go on and on end then. */
  stopping: AbortSignal;
}

/** Whom a link to a campaign's page is made for. */
export type DocsReader = { kind: "anybody" } | { kind: "supplier" | "buyer"; id: string };

/** What it takes to know an operator. */
export interface OperatorParts {
  database: Database;
  /** The key of the settings: always valid, and may do everything, so that the last way in cannot be lost. */
  operatorKey: string;
  attempts: LoginThrottle;
  /** Where a request comes from, for counting what fails; undefined when it came by no connection. */
  addressOf(request: Request): string | undefined;
  /** Is told of each good key that it was used. */
  operatorKeyUsed(keyId: string, at: Date): void;
  now(): Date;
}

/** Who called: an operator by one of the keys on record, or whoever holds the key of the settings. */
interface Operator {
  /** As the history of changes names it. */
  name: string;
  role: Role;
}

const callers = new WeakMap<Request, Operator>();

/** Who makes a request of the operator API, as the history of changes names it. Throws when the request was not let in by a key. */
export function callerOf(request: Request): string {
  const caller = callers.get(request);
  if (caller === undefined) throw new Error("this request was not let in as an operator's");
  return caller.name;
}

/**
 * Where the operator API's routes are mounted, and the one place that decides who may call them. A route says which role it needs
 * (describedAs); one that does not is refused to everyone. Routes read bodies by themselves (`parse: "none"`, no body schema): Elysia
 * parses and validates before this hook, and a stranger would hear what is wrong with the body first.
 */
export function operatorApi(parts: OperatorParts) {
  const knownGood = new Set<string>();
  const api = new Elysia({ name: "operators" });
  return api.onBeforeHandle(async ({ request, route }) => {
    const method = request.method === "HEAD" ? "GET" : request.method;
    const mounted = api.routes.find((each) => each.method === method && each.path === route);
    return refusalOf(request, roleOf(mounted?.hooks), parts, knownGood);
  });
}

/** The role that a route needs, out of its hooks; undefined when it names none. */
function roleOf(hooks: unknown): Role | undefined {
  const detail = (hooks as { detail?: { "x-role"?: unknown } } | undefined)?.detail;
  return isRole(detail?.["x-role"]) ? detail["x-role"] : undefined;
}

/** The answer to a caller whose key is not good for the role `needed`; undefined for one whose key is. Throws TooManyFailures. */
async function refusalOf(
  request: Request,
  needed: Role | undefined,
  parts: OperatorParts,
  knownGood: Set<string>,
): Promise<Response | undefined> {
  const caller = await operatorOf(request, parts, knownGood);
  if (caller === undefined) return unauthorized(request);
  if (needed === undefined || !covers(caller.role, needed)) return forbidden(request, needed);
  callers.set(request, caller);
  return undefined;
}

async function operatorOf(
  request: Request,
  parts: OperatorParts,
  knownGood: Set<string>,
): Promise<Operator | undefined> {
  const authorization = request.headers.get("authorization") ?? "";
  if (authorization === "") return undefined;
  const [scheme, key = "", ...more] = authorization.split(" ");
  const isBearer = scheme?.toLowerCase() === "bearer" && more.length === 0;
  if (isBearer && isSame(key, parts.operatorKey)) return { name: "master key", role: "admin" };
  const holder = await holderOf(isBearer ? key : "", request, parts, knownGood);
  if (holder === undefined) return undefined;
  parts.operatorKeyUsed(holder.keyId, parts.now());
  return { name: `${holder.name} (${holder.keyId})`, role: holder.role };
}

/**
 * Every request asks the database, so that a key revoked on one server is good on none; what is remembered of a good key is only that
 * it is no guess.
 */
async function holderOf(
  key: string,
  request: Request,
  { database, attempts, addressOf, now }: OperatorParts,
  knownGood: Set<string>,
): Promise<OperatorKeyHolder | undefined> {
  const sha256 = Buffer.from(hashKey(key)).toString("hex");
  const look = async () => {
    if (!hasOperatorKeyForm(key)) return undefined;
    const holder = await database.read((db) => readOperatorKeyHolder(db, sha256));
    const isGood = holder !== undefined && (holder.expiresAt === null || holder.expiresAt > now());
    if (isGood) knownGood.add(sha256);
    else knownGood.delete(sha256);
    return isGood ? holder : undefined;
  };
  return knownGood.has(sha256) ? look() : attempts.try(addressOf(request), look);
}

/** The same whatever was wrong with the key. */
function unauthorized(request: Request): Response {
  const refusal = errorReply(
    "unauthorized",
    "Send the operator key as Authorization: Bearer …",
    requestIdOf(request),
  );
  refusal.headers.set("www-authenticate", "Bearer");
  return refusal;
}

function forbidden(request: Request, needed: Role | undefined): Response {
  const message =
    needed === undefined
      ? "This route names no role, so nobody may call it."
      : `This needs an operator key with the role ${needed}.`;
  return errorReply("forbidden", message, requestIdOf(request));
}

/** Digests are of one length, so neither the length of the key nor a common beginning shows in the time it takes. */
function isSame(one: string, other: string): boolean {
  return timingSafeEqual(hashKey(one), hashKey(other));
}
