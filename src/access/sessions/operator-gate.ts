import { timingSafeEqual } from "node:crypto";
import { hashKey, hexHashOf } from "#access/api-key.ts";
import type { LoginThrottle } from "#access/login-throttle.ts";
import {
  hasOperatorKeyForm,
  type OperatorKeyHolder,
  readOperatorKeyHolder,
} from "#access/operator-key-records.ts";
import { covers, type Role } from "#access/role.ts";
import type { Database } from "#database/database.ts";
import type { RequestContext } from "#http/context.ts";
import type { Admission, Gate } from "#http/route.ts";
import type { OperatorPerson } from "./person-records.ts";
import { type LoggedIn, type Sessions } from "./session.ts";
import { noCookie, sessionTokenOf } from "./session-cookie.ts";

/** What it takes to know an operator. */
export interface OperatorParts {
  database: Database;
  /** The key of the settings: always valid, and may do everything, so that the last way in cannot be lost. */
  operatorKey: string;
  sessions: Pick<Sessions, "of">;
  attempts: LoginThrottle;
  /** Where a request comes from, for counting what fails; undefined when it came by no connection. */
  addressOf(request: Request): string | undefined;
  /** Is told of each good key that it was used. */
  operatorKeyUsed(keyId: string, at: Date): void;
  now(): Date;
}

/** Who called: an operator by one of the keys on record, or whoever holds the key of the settings. */
export interface Operator {
  /** As the history of changes names it. */
  name: string;
  role: Role;
  /** The key on record; null: the key of the settings, or a person. */
  key: OperatorKeyHolder | null;
  /** Who logged in by a link; absent: by a key. */
  person?: OperatorPerson;
  /** When the session ends, where a cookie and no key came with the request. */
  sessionEndsAt?: Date;
}

/** The gates of operators' routes, by the least role that each lets in. */
export type OperatorGates = Readonly<Record<Role, Gate<Operator>>>;

/** The one place that decides which operators may call what. */
export function operatorGates(parts: OperatorParts): OperatorGates {
  const knownGood = new Set<string>();
  const gate = (role: Role): Gate<Operator> => {
    async function admit(context: RequestContext): Promise<Admission<Operator>> {
      const caller = await operatorOf(context.request, parts, knownGood);
      if (caller === undefined) return unauthorized(context);
      if (caller === "visitor") return { refusal: context.refuse("forbidden", NOT_AN_OPERATORS) };
      if (covers(caller.role, role)) return { caller };
      const message = `This needs an operator key with the role ${role}.`;
      return { refusal: context.refuse("forbidden", message) };
    }
    return { asks: "operator", role, admit, readmit: admit };
  };
  return { read: gate("read"), operate: gate("operate"), admin: gate("admin") };
}

async function operatorOf(
  request: Request,
  parts: OperatorParts,
  knownGood: Set<string>,
): Promise<Operator | "visitor" | undefined> {
  const authorization = request.headers.get("authorization") ?? "";
  if (authorization === "") return operatorInSession(await parts.sessions.of(request), parts);
  const [scheme, key = "", ...more] = authorization.split(" ");
  const isBearer = scheme?.toLowerCase() === "bearer" && more.length === 0;
  if (isBearer && isSame(key, parts.operatorKey)) return OF_THE_SETTINGS;
  const holder = await holderOf(isBearer ? key : "", request, parts, knownGood);
  return holder && operatorWith(holder, parts);
}

const OF_THE_SETTINGS: Operator = { name: "LEADGATE_ADMIN_KEY", role: "admin", key: null };

function operatorWith(key: OperatorKeyHolder, { operatorKeyUsed, now }: OperatorParts): Operator {
  operatorKeyUsed(key.keyId, now());
  return { name: `${key.name} (${key.keyId})`, role: key.role, key };
}

/** Who is logged in in the browser that a request comes from; `visitor`: somebody in the portal. */
function operatorInSession(
  found: LoggedIn | undefined,
  parts: OperatorParts,
): Operator | "visitor" | undefined {
  if (found === undefined) return undefined;
  if (found.kind === "portal") return "visitor";
  const { key, person, expiresAt: sessionEndsAt } = found;
  if (person !== null) {
    const { id, name, role } = person;
    return { name: `${name} (${id})`, role, key: null, person, sessionEndsAt };
  }
  return { ...(key === null ? OF_THE_SETTINGS : operatorWith(key, parts)), sessionEndsAt };
}

const NOT_AN_OPERATORS = "This is a session in the portal; what operators do needs an operator's.";

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
  const sha256 = hexHashOf(key);
  const mayBeGood = hasOperatorKeyForm(key);
  const look = async () => {
    if (!mayBeGood) return undefined;
    const holder = await database.read((db) => readOperatorKeyHolder(db, sha256));
    const isGood = holder !== undefined && (holder.expiresAt === null || holder.expiresAt > now());
    if (isGood) knownGood.add(sha256);
    else knownGood.delete(sha256);
    return isGood ? holder : undefined;
  };
  return knownGood.has(sha256) ? look() : attempts.try(addressOf(request), look, mayBeGood);
}

/** The same whatever was wrong. A browser forgets a cookie that is good no more, or it would count as a guess each time. */
function unauthorized(context: RequestContext): Admission<Operator> {
  const { request } = context;
  const refusal = context.refuse("unauthorized", "Send the operator key as Authorization: Bearer …");
  refusal.headers.set("www-authenticate", "Bearer");
  const hadSession = !request.headers.has("authorization") && sessionTokenOf(request) !== undefined;
  return hadSession ? { refusal, headers: { "set-cookie": noCookie(request) } } : { refusal };
}

/** Digests are of one length, so neither the length of the key nor a common beginning shows in the time it takes. */
function isSame(one: string, other: string): boolean {
  return timingSafeEqual(hashKey(one), hashKey(other));
}
