import { hasKeyForm, hexHashOf } from "#access/api-key.ts";
import type { LoginThrottle } from "#access/login-throttle.ts";
import type { OperatorKeyHolder } from "#access/operator-key-records.ts";
import type { Database, Queryable } from "#database/database.ts";
import { HOUR_MS } from "#time/durations.ts";
import {
  askForPasskey,
  type PasskeyAsked,
  type PasskeySigned,
  type RelyingParty,
  readSignedPasskey,
} from "./passkey.ts";
import { notePasskeyUse } from "./passkey-records.ts";
import { LOGIN_MARK, noteLogin, type OperatorPerson, redeemLoginLink } from "./person-records.ts";
import { LINK_MARK } from "./portal-link-records.ts";
import {
  deletePortalSession,
  type PortalVisitor,
  readPortalSession,
  redeemPortalLink,
} from "./portal-session-records.ts";
import {
  cookieOf,
  kindOfToken,
  newSessionToken,
  type SessionKind,
  sessionTokenOf,
} from "./session-cookie.ts";
import { deleteSession, insertSession, readSession, type SessionHashes } from "./session-records.ts";

/** How long a session lasts, in ms; none is made longer. */
const LASTS_MS = 12 * HOUR_MS;

/** What is needed to open, know and end sessions. */
export interface SessionParts {
  database: Database;
  /** The key of the settings: a session that it opened ends when it is another. */
  operatorKey: string;
  /** Whose page asks for passkeys; null: none can be asked for. */
  relyingParty: RelyingParty | null;
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

type OpenedByPerson = OpenedSession & { person: OperatorPerson };

export interface Sessions {
  /** Opens a session for the holder of a key (null: that of the settings), and gives the cookie that names it. */
  open(key: Pick<OperatorKeyHolder, "keyId" | "expiresAt"> | null, request: Request): Promise<OpenedSession>;
  /**
   * Opens a session for the supplier or buyer of a link; undefined when it is none, or is good no more.
   *
   * @throws TooManyFailures when too many that came from the same address were not good.
   */
  openByLink(link: string, request: Request): Promise<(OpenedSession & LoggedInParty) | undefined>;
  /** The same for the operator who was sent a link, which is good once; one who has passkeys is asked for one first. */
  openByLoginLink(
    link: string,
    request: Request,
  ): Promise<OpenedByPerson | { passkey: PasskeyAsked } | undefined>;
  /** Opens the session for which a passkey was asked; undefined when it did not sign what it was asked to, now and for the first time. */
  openByPasskey(signed: PasskeySigned, request: Request): Promise<OpenedByPerson | undefined>;
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
  const { database, operatorKey } = parts;
  return {
    ...openersOf(parts),
    of: finderOf(parts),
    end: (token) =>
      database.write((tx) =>
        kindOfToken(token) === "portal"
          ? deletePortalSession(tx, hexHashOf(token))
          : deleteSession(tx, hashesOfToken(token, operatorKey)),
      ),
  };
}

/** The ways in which sessions are opened. */
function openersOf(parts: SessionParts): Omit<Sessions, "of" | "end"> {
  const { database, operatorKey, relyingParty, attempts, addressOf, now } = parts;
  return {
    async open(key, request) {
      const { token, at, ...opened } = opening("operator", now(), request, key?.expiresAt);
      const { ofKey, ofMaster } = hashesOfToken(token, operatorKey);
      const hash = key === null ? ofMaster : ofKey;
      const { expiresAt } = opened;
      await database.write((tx) =>
        insertSession(tx, { hash, operatorKeyId: key?.keyId ?? null, personId: null, expiresAt }, at),
      );
      return opened;
    },
    async openByLink(link, request) {
      const { token, at, ...opened } = opening("portal", now(), request);
      const visitor = await redeem(LINK_MARK, link, request, parts, (tx, hash) =>
        redeemPortalLink(tx, { link: hash, session: hexHashOf(token), expiresAt: opened.expiresAt }, at),
      );
      return visitor && { kind: "portal", visitor, ...opened };
    },
    openByLoginLink: (link, request) =>
      redeem(LOGIN_MARK, link, request, parts, async (tx, hash) => {
        const person = await redeemLoginLink(tx, hash, now());
        if (person === undefined) return undefined;
        const asked = await askForPasskey(tx, person.id, relyingParty, now());
        if (asked === "nowhere") return undefined;
        return asked === undefined ? openFor(person.id, tx, request, now()) : { passkey: asked };
      }),
    async openByPasskey(signed, request) {
      if (relyingParty === null) return undefined;
      const look = async () => {
        const passkey = await readSignedPasskey(signed, relyingParty, database, now());
        if (passkey === undefined) return undefined;
        return database.write(async (tx) =>
          (await notePasskeyUse(tx, passkey, now()))
            ? openFor(passkey.personId, tx, request, now())
            : undefined,
        );
      };
      return attempts.try(addressOf(request), look, true);
    },
  };
}

/** What of a session is known to nobody else yet. */
interface UnopenedSession extends OpenedSession {
  token: string;
  at: Date;
}

/** A session that is about to be opened, until its time is over or `latest` comes. */
function opening(kind: SessionKind, at: Date, request: Request, latest: Date | null = null): UnopenedSession {
  const token = newSessionToken(kind);
  const longest = at.getTime() + LASTS_MS;
  const expiresAt = new Date(Math.min(longest, latest?.getTime() ?? longest));
  const seconds = Math.max(0, Math.floor((expiresAt.getTime() - at.getTime()) / 1000));
  return { token, at, expiresAt, cookie: cookieOf(token, seconds, request) };
}

/** What a link of this mark leads to by its hash; what is no link counts as a guess. */
function redeem<Found>(
  mark: string,
  link: string,
  request: Request,
  { database, attempts, addressOf }: SessionParts,
  find: (tx: Queryable, hash: string) => Promise<Found | undefined>,
): Promise<Found | undefined> {
  const mayBeGood = hasKeyForm(link, mark);
  const look = async () => (mayBeGood ? database.write((tx) => find(tx, hexHashOf(link))) : undefined);
  return attempts.try(addressOf(request), look, mayBeGood);
}

/** Opens a session of a person; undefined when he is no operator any more. */
async function openFor(
  personId: string,
  tx: Queryable,
  request: Request,
  now: Date,
): Promise<OpenedByPerson | undefined> {
  const person = await noteLogin(tx, personId, now);
  if (person === undefined) return undefined;
  const { token, at, ...opened } = opening("operator", now, request);
  const { expiresAt } = opened;
  await insertSession(tx, { hash: hexHashOf(token), operatorKeyId: null, personId, expiresAt }, at);
  return { person, ...opened };
}

/** Finds who is logged in in the browser that a request comes from. */
function finderOf({ database, operatorKey, attempts, addressOf, now }: SessionParts): Sessions["of"] {
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

  return async (request) => {
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
  };
}

/** A token has too much entropy for guessing, so one fast hash suffices. Those of the settings' key are hashed with it. */
function hashesOfToken(token: string, operatorKey: string): SessionHashes {
  return {
    ofKey: hexHashOf(token),
    ofMaster: new Bun.CryptoHasher("sha256", operatorKey).update(token).digest("hex"),
  };
}
