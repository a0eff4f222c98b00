import { hasKeyForm, hexHashOf } from "#access/api-key.ts";
import type { LoginThrottle } from "#access/login-throttle.ts";
import type { OperatorKeyHolder } from "#access/operator-key-records.ts";
import type { Database } from "#database/database.ts";
import { LOGIN_MARK, type OperatorPerson, redeemLoginLink } from "./person-records.ts";
import { LINK_MARK } from "./portal-link-records.ts";
import {
  deletePortalSession,
  type PortalVisitor,
  readPortalSession,
  redeemPortalLink,
} from "./portal-session-records.ts";
import { cookieOf, kindOfToken, newSessionToken, sessionTokenOf } from "./session-cookie.ts";
import { deleteSession, insertSession, readSession, type SessionHashes } from "./session-records.ts";

/** How long a session lasts, in ms; none is made longer. */
const LASTS_MS = 12 * 3_600_000;

/** What is needed to open, know and end sessions. */
export interface SessionParts {
  database: Database;
  /** The key of the settings: a session that it opened ends when it is another. */
  operatorKey: string;
  attempts: LoginThrottle;
  /** Where a request comes from, for counting what fails; undefined when it came by no connection. */
  addressOf(request: Request): string | undefined;
  now(): Date;
}

/** Who is logged in. */
export type LoggedIn = LoggedInOperator | LoggedInParty;

interface LoggedInOperator {
  kind: "operator";
  /** Null: a person, or whoever holds the key of the settings. */
  key: OperatorKeyHolder | null;
  /** Who came by a link; null: by a key. */
  person: OperatorPerson | null;
  expiresAt: Date;
}

interface LoggedInParty {
  kind: "portal";
  visitor: PortalVisitor;
  expiresAt: Date;
}

/** A session at the one moment at which its cookie is known. */
interface OpenedSession {
  cookie: string;
  expiresAt: Date;
}

export interface Sessions {
  /** Opens a session for the holder of a key (null: that of the settings), and gives the cookie that names it. */
  open(key: Pick<OperatorKeyHolder, "keyId" | "expiresAt"> | null, request: Request): Promise<OpenedSession>;
  /**
   * Opens a session for the supplier or buyer of a link; undefined when it is none, or is good no more.
   *
   * @throws TooManyFailures when too many that came from the same address were not good.
   */
  openByLink(link: string, request: Request): Promise<(OpenedSession & LoggedInParty) | undefined>;
  /** The same for the operator who was sent a link, which is good once. */
  openByLoginLink(
    link: string,
    request: Request,
  ): Promise<(OpenedSession & { person: OperatorPerson }) | undefined>;
  /**
   * Who is logged in in the browser that a request comes from; undefined when nobody is, the session is over, or the key or link that
   * opened it was revoked.
   *
   * @throws TooManyFailures when too many cookies from the same address were not good.
   */
  of(request: Request): Promise<LoggedIn | undefined>;
  /** Ends a session at once, on every server. */
  end(token: string): Promise<void>;
}

/** The sessions of operators, suppliers and buyers in browsers. They are on record, so that they outlive a restart. */
export function createSessions(parts: SessionParts): Sessions {
  const { database, operatorKey, attempts, addressOf, now } = parts;
  /** Of a good cookie is remembered only that it is no guess. */
  const knownGood = new Set<string>();

  async function find(token: string): Promise<LoggedIn | undefined> {
    const found = await (kindOfToken(token) === "portal" ? findVisitor(token) : findOperator(token));
    return found !== undefined && found.expiresAt > now() ? found : undefined;
  }

  async function findVisitor(token: string): Promise<LoggedInParty | undefined> {
    const found = await database.read((db) => readPortalSession(db, hexHashOf(token)));
    return found && { kind: "portal", ...found };
  }

  async function findOperator(token: string): Promise<LoggedInOperator | undefined> {
    const found = await database.read((db) => readSession(db, hashesOfToken(token, operatorKey)));
    if (found === undefined) return undefined;
    const { holder: key, person, expiresAt } = found;
    const isOver = key !== null && key.expiresAt !== null && key.expiresAt <= now();
    return isOver ? undefined : { kind: "operator", key, person, expiresAt };
  }

  return {
    async open(key, request) {
      const token = newSessionToken("operator");
      const { ofKey, ofMaster } = hashesOfToken(token, operatorKey);
      const at = now();
      const longest = at.getTime() + LASTS_MS;
      const expiresAt = new Date(Math.min(longest, key?.expiresAt?.getTime() ?? longest));
      const hash = key === null ? ofMaster : ofKey;
      await database.write((tx) =>
        insertSession(tx, { hash, operatorKeyId: key?.keyId ?? null, personId: null, expiresAt }, at),
      );
      return { cookie: cookieUntil(expiresAt, at, token, request), expiresAt };
    },
    async openByLink(link, request) {
      const token = newSessionToken("portal");
      const at = now();
      const expiresAt = new Date(at.getTime() + LASTS_MS);
      const mayBeGood = hasKeyForm(link, LINK_MARK);
      const redeem = async () => {
        if (!mayBeGood) return undefined;
        const wanted = { link: hexHashOf(link), session: hexHashOf(token), expiresAt };
        return database.write((tx) => redeemPortalLink(tx, wanted, at));
      };
      const visitor = await attempts.try(addressOf(request), redeem, mayBeGood);
      if (visitor === undefined) return undefined;
      return { kind: "portal", visitor, expiresAt, cookie: cookieUntil(expiresAt, at, token, request) };
    },
    async openByLoginLink(link, request) {
      const token = newSessionToken("operator");
      const at = now();
      const expiresAt = new Date(at.getTime() + LASTS_MS);
      const mayBeGood = hasKeyForm(link, LOGIN_MARK);
      const redeem = async () => {
        if (!mayBeGood) return undefined;
        return database.write(async (tx) => {
          const found = await redeemLoginLink(tx, hexHashOf(link), at);
          if (found === undefined) return undefined;
          const hash = hexHashOf(token);
          await insertSession(tx, { hash, operatorKeyId: null, personId: found.id, expiresAt }, at);
          return found;
        });
      };
      const person = await attempts.try(addressOf(request), redeem, mayBeGood);
      return person && { person, expiresAt, cookie: cookieUntil(expiresAt, at, token, request) };
    },
    async of(request) {
      const token = sessionTokenOf(request);
      if (token === undefined) return undefined;
      const digest = hexHashOf(token);
      const look = async () => {
        const found = await find(token);
        if (found === undefined) knownGood.delete(digest);
        else knownGood.add(digest);
        return found;
      };
      return knownGood.has(digest) ? look() : attempts.try(addressOf(request), look, true);
    },
    end: (token) =>
      database.write((tx) =>
        kindOfToken(token) === "portal"
          ? deletePortalSession(tx, hexHashOf(token))
          : deleteSession(tx, hashesOfToken(token, operatorKey)),
      ),
  };
}

/** A token has too much entropy for guessing, so one fast hash suffices. Those of the settings' key are hashed with it. */
function hashesOfToken(token: string, operatorKey: string): SessionHashes {
  return {
    ofKey: hexHashOf(token),
    ofMaster: new Bun.CryptoHasher("sha256", operatorKey).update(token).digest("hex"),
  };
}

function cookieUntil(expiresAt: Date, now: Date, token: string, request: Request): string {
  const seconds = Math.max(0, Math.floor((expiresAt.getTime() - now.getTime()) / 1000));
  return cookieOf(token, seconds, request);
}
