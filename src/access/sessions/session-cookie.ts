/** What browsers take over https alone, for this very host (RFC 6265bis, section 4.1.3.2), and its name over plain http. */
const SECURE_NAME = "__Host-lg_session";
const PLAIN_NAME = "lg_session";

/** 32 random bytes in base64url; of a supplier's or buyer's session it says so before them, so that one table is asked. */
const TOKEN = /^(?:p\.)?[A-Za-z0-9_-]{43}$/;

/** Whose session it is: an operator's, or that of a supplier or buyer in the portal. */
export type SessionKind = "operator" | "portal";

/** What is to name a new session in its cookie. */
export function newSessionToken(kind: SessionKind): string {
  const random = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url");
  return kind === "portal" ? `p.${random}` : random;
}

export function kindOfToken(token: string): SessionKind {
  return token.startsWith("p.") ? "portal" : "operator";
}

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
  return isOwnOrigin(origin, headers);
}

/** Whether a browser says that a page elsewhere sends the request: it could log somebody in as another. */
export function isOfForeignPage({ headers }: Request): boolean {
  const site = headers.get("sec-fetch-site");
  if (site !== null) return site !== "same-origin";
  const origin = headers.get("origin");
  return origin !== null && !isOwnOrigin(origin, headers);
}

function isOwnOrigin(origin: string, headers: Headers): boolean {
  return URL.canParse(origin) && new URL(origin).host === headers.get("host");
}

/** Whether the browser reached us over https. What a proxy says is believed of anybody: it only makes one's own cookie stricter. */
function isSecure(request: Request): boolean {
  return request.url.startsWith("https:") || request.headers.get("x-forwarded-proto") === "https";
}

/** The cookie that a browser keeps for so many seconds. */
export function cookieOf(token: string, seconds: number, request: Request): string {
  const name = isSecure(request) ? `${SECURE_NAME}=${token}; Secure` : `${PLAIN_NAME}=${token}`;
  return `${name}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}`;
}

/** The cookie that takes a session's place in the browser when it is over. */
export function noCookie(request: Request): string {
  return cookieOf("", 0, request);
}
