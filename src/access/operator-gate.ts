import { timingSafeEqual } from "node:crypto";
import type { Database } from "#database/database.ts";
import type { RequestContext } from "#http/context.ts";
import type { Gate } from "#http/route.ts";
import { hashKey } from "./api-key.ts";
import type { LoginThrottle } from "./login-throttle.ts";
import { hasOperatorKeyForm, type OperatorKeyHolder, readOperatorKeyHolder } from "./operator-key-records.ts";
import { covers, type Role } from "./role.ts";

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
export interface Operator {
  /** As the history of changes names it. */
  name: string;
  role: Role;
}

/** The gates of operators' routes, by the least role that each lets in. */
export type OperatorGates = Readonly<Record<Role, Gate<Operator>>>;

/** The one place that decides which operators may call what. */
export function operatorGates(parts: OperatorParts): OperatorGates {
  const knownGood = new Set<string>();
  const gate = (role: Role): Gate<Operator> => ({
    asks: "operator",
    role,
    async admit(context) {
      const caller = await operatorOf(context.request, parts, knownGood);
      if (caller === undefined) return { refusal: unauthorized(context) };
      if (covers(caller.role, role)) return { caller };
      const message = `This needs an operator key with the role ${role}.`;
      return { refusal: context.refuse("forbidden", message) };
    },
  });
  return { read: gate("read"), operate: gate("operate"), admin: gate("admin") };
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

/** The same whatever was wrong with the key. */
function unauthorized(context: RequestContext): Response {
  const refusal = context.refuse("unauthorized", "Send the operator key as Authorization: Bearer …");
  refusal.headers.set("www-authenticate", "Bearer");
  return refusal;
}

/** Digests are of one length, so neither the length of the key nor a common beginning shows in the time it takes. */
function isSame(one: string, other: string): boolean {
  return timingSafeEqual(hashKey(one), hashKey(other));
}
