import type { Database } from "#database/database.ts";
import type { OperatorKeyHolder } from "./operator-key-records.ts";
import { deleteSession, insertSession, readSession, type SessionHashes } from "./session-records.ts";

/** How long a session lasts, in ms; none is made longer. */
const LASTS_MS = 12 * 3_600_000;

/** What browsers take over https alone, for this very host (RFC 6265bis, section 4.1.3.2), and its name over plain http. */
const SECURE_NAME = "__Host-lg_session";
const PLAIN_NAME = "lg_session";

/** 32 random bytes in base64url. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** The session that a request's cookie names, where the request may use it; undefined: none. */
export function sessionTokenOf(request: Request): string | undefined {
  const name = isSecure(request) ? SECURE_NAME : PLAIN_NAME;
  const cookies = request.headers.get("cookie") ?? "";
  const token = cookies
    .split(";")
    .map((each) => each.trim())
    .find((each) => each.startsWith(`${name}=`))
    ?.slice(name.length + 1);
  return token !== undefined && TOKEN.test(token) && isOwnPage(request) ? token : undefined;
}

/**
 * Whether a request comes from a page of this server, as far as browsers tell: a page elsewhere can make one send its cookies, but not
 * lie in these headers. What only looks may also be an address that somebody typed, or come from a browser that says nothing, as over
 * plain http to another host; its answer is read by pages of this server alone.
 */
function isOwnPage({ method, headers }: Request): boolean {
  const onlyLooks = method === "GET" || method === "HEAD";
  const site = headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin" || (onlyLooks && site === "none");
  const origin = headers.get("origin");
  if (origin === null) return onlyLooks;
  return URL.canParse(origin) && new URL(origin).host === headers.get("host");
}

/** Whether the browser reached us over https. What a proxy says is believed of anybody: it only makes one's own cookie stricter. */
function isSecure(request: Request): boolean {
  return request.url.startsWith("https:") || request.headers.get("x-forwarded-proto") === "https";
}

/** What is needed to open, know and end sessions. */
export interface SessionParts {
  database: Database;
  /** The key of the settings: a session that it opened ends when it is another. */
  operatorKey: string;
  now(): Date;
}

/** Who is logged in; a null `key` is whoever holds the key of the settings. */
export interface LoggedIn {
  key: OperatorKeyHolder | null;
  expiresAt: Date;
}

export interface Sessions {
  /** Opens a session for the holder of a key (null: that of the settings), and gives the cookie that names it. */
  open(
    key: Pick<OperatorKeyHolder, "keyId" | "expiresAt"> | null,
    request: Request,
  ): Promise<{ cookie: string; expiresAt: Date }>;
  /** Who opened the session; undefined when there is none such, it is over, or its key was revoked. */
  find(token: string): Promise<LoggedIn | undefined>;
  /** Ends a session at once, on every server. */
  end(token: string): Promise<void>;
}

/** The sessions of operators in browsers. They are on record, so that they outlive a restart. */
export function createSessions({ database, operatorKey, now }: SessionParts): Sessions {
  return {
    async open(key, request) {
      const token = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url");
      const { ofKey, ofMaster } = hashesOfToken(token, operatorKey);
      const at = now();
      const longest = at.getTime() + LASTS_MS;
      const expiresAt = new Date(Math.min(longest, key?.expiresAt?.getTime() ?? longest));
      const hash = key === null ? ofMaster : ofKey;
      await database.write((tx) =>
        insertSession(tx, { hash, operatorKeyId: key?.keyId ?? null, expiresAt }, at),
      );
      const seconds = Math.max(0, Math.floor((expiresAt.getTime() - at.getTime()) / 1000));
      return { cookie: cookieOf(token, seconds, request), expiresAt };
    },
    async find(token) {
      const found = await database.read((db) => readSession(db, hashesOfToken(token, operatorKey)));
      if (found === undefined || found.expiresAt <= now()) return undefined;
      const { holder: key, expiresAt } = found;
      const isOver = key !== null && key.expiresAt !== null && key.expiresAt <= now();
      return isOver ? undefined : { key, expiresAt };
    },
    end: (token) => database.write((tx) => deleteSession(tx, hashesOfToken(token, operatorKey))),
  };
}

/** The cookie that takes a session's place in the browser when it is over. */
export function noCookie(request: Request): string {
  return cookieOf("", 0, request);
}

/** A token has too much entropy for guessing, so one fast hash suffices. Those of the settings' key are hashed with it. */
function hashesOfToken(token: string, operatorKey: string): SessionHashes {
  return {
    ofKey: new Bun.CryptoHasher("sha256").update(token).digest("hex"),
    ofMaster: new Bun.CryptoHasher("sha256", operatorKey).update(token).digest("hex"),
  };
}

function cookieOf(token: string, seconds: number, request: Request): string {
  const name = isSecure(request) ? `${SECURE_NAME}=${token}; Secure` : `${PLAIN_NAME}=${token}`;
  return `${name}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}`;
}
