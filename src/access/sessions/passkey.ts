import { isIP } from "node:net";
import { brotliDecompressSync } from "node:zlib";
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from "@simplewebauthn/server";
import type { Database, Queryable } from "#database/database.ts";
import { isCompiled } from "#text/executable.ts";
import {
  insertChallenge,
  listPasskeys,
  type NewPasskey,
  type Passkey,
  type PasskeyPurpose,
  takeChallenge,
} from "./passkey-records.ts";
import type { OperatorPerson } from "./person-records.ts";
import type * as WebAuthn from "./webauthn.ts";

/** How long a challenge is good, in ms: somebody looks for a key on a key ring. */
const GOOD_MS = 5 * 60_000;

/** Whose page asks for passkeys, in the words of WebAuthn (https://www.w3.org/TR/webauthn-3, section 4). */
export interface RelyingParty {
  /** The host, which passkeys are bound to. */
  id: string;
  origin: string;
}

/** What a browser is handed to make a passkey, or to sign with one, as WebAuthn writes it. */
export type PasskeyAsked = Readonly<Record<string, unknown>>;

/** What a browser hands back, before anything of it was looked at. */
export type PasskeySigned = object;

/** Null: browsers make passkeys for pages that come by https, or from their own machine, under a name and not a number. */
export function relyingPartyOf(publicUrl: string | undefined): RelyingParty | null {
  if (publicUrl === undefined) return null;
  const { hostname, origin, protocol } = new URL(publicUrl);
  const isLocal = hostname === "localhost" || hostname.endsWith(".localhost");
  const isNumber = isIP(hostname.replaceAll(/[[\]]/g, "")) !== 0;
  return (protocol === "https:" || isLocal) && !isNumber ? { id: hostname, origin } : null;
}

/** Asks a person to make a passkey. */
export async function askForNewPasskey(
  { id, email, name }: OperatorPerson,
  relyingParty: RelyingParty,
  database: Database,
  now: Date,
): Promise<PasskeyAsked> {
  const { generateRegistrationOptions } = await webauthn();
  const own = await database.read((db) => listPasskeys(db, id));
  const asked = await generateRegistrationOptions({
    rpName: "Leadgate",
    rpID: relyingParty.id,
    userID: new TextEncoder().encode(id),
    userName: email,
    userDisplayName: name,
    timeout: GOOD_MS,
    excludeCredentials: own.map(descriptorOf),
    // A key asked for after a link need not be found without a name, and has room for few that can.
    authenticatorSelection: { residentKey: "discouraged", userVerification: "preferred" },
  });
  await database.write((tx) => noteChallenge(tx, asked.challenge, id, "add", now));
  return { ...asked };
}

/** What is to be kept of a passkey that a person has made; undefined when it is not what this person was asked for. */
export async function readNewPasskey(
  signed: PasskeySigned,
  person: Pick<OperatorPerson, "id">,
  relyingParty: RelyingParty,
  database: Database,
  now: Date,
): Promise<NewPasskey | undefined> {
  const { verifyRegistrationResponse } = await webauthn();
  const challenge = challengeIn(signed);
  const askedOf = await database.write((tx) => takeChallenge(tx, challenge, "add", now));
  if (askedOf !== person.id) return undefined;
  const response = signed as RegistrationResponseJSON;
  const { registrationInfo } = await verifyRegistrationResponse({
    response,
    expectedChallenge: challenge,
    expectedOrigin: relyingParty.origin,
    expectedRPID: relyingParty.id,
    requireUserVerification: false,
  }).catch(notVerified);
  if (registrationInfo === undefined) return undefined;
  const { id: credentialId, publicKey, counter } = registrationInfo.credential;
  return { credentialId, publicKey, counter, transports: transportsOf(response) };
}

/** Asks a person who has passkeys to sign by one of them; undefined when he has none. */
export async function askForPasskey(
  tx: Queryable,
  personId: string,
  relyingParty: RelyingParty | null,
  now: Date,
): Promise<PasskeyAsked | "nowhere" | undefined> {
  const own = await listPasskeys(tx, personId);
  if (own.length === 0) return undefined;
  if (relyingParty === null) return "nowhere";
  const { generateAuthenticationOptions } = await webauthn();
  const asked = await generateAuthenticationOptions({
    rpID: relyingParty.id,
    timeout: GOOD_MS,
    userVerification: "preferred",
    allowCredentials: own.map(descriptorOf),
  });
  await noteChallenge(tx, asked.challenge, personId, "log_in", now);
  return { ...asked };
}

/** Whose passkey has signed what its person was asked to; undefined when it has not. Its use is noted by `notePasskeyUse`. */
export async function readSignedPasskey(
  signed: PasskeySigned,
  relyingParty: RelyingParty,
  database: Database,
  now: Date,
): Promise<Passkey | undefined> {
  const { verifyAuthenticationResponse } = await webauthn();
  const challenge = challengeIn(signed);
  const own = await database.write(async (tx) => {
    const personId = await takeChallenge(tx, challenge, "log_in", now);
    return personId === undefined ? [] : listPasskeys(tx, personId);
  });
  const response = signed as AuthenticationResponseJSON;
  const passkey = own.find(({ credentialId }) => credentialId === response.id);
  if (passkey === undefined) return undefined;
  const { publicKey, counter } = passkey;
  const { authenticationInfo } = await verifyAuthenticationResponse({
    response,
    expectedChallenge: challenge,
    expectedOrigin: relyingParty.origin,
    expectedRPID: relyingParty.id,
    requireUserVerification: false,
    credential: { id: passkey.credentialId, publicKey, counter },
  }).catch(notVerified);
  return authenticationInfo && { ...passkey, counter: authenticationInfo.newCounter };
}

/** A passkey as the API and the console's pages show it: nothing that signs. */
export function passkeyAnswer({ id, name, createdAt, lastUsedAt }: Passkey) {
  return {
    id,
    name,
    created_at: createdAt.toISOString(),
    last_used_at: lastUsedAt?.toISOString() ?? null,
  };
}

let library: Promise<typeof WebAuthn> | undefined;

/** Loaded when the first passkey is asked for: most installations have none. */
function webauthn(): Promise<typeof WebAuthn> {
  library ??= isCompiled() ? unpack() : import("./webauthn.ts");
  return library;
}

/** The executable has it compressed in 80 KB: compiled as the rest is, it takes 2 MB. */
async function unpack(): Promise<typeof WebAuthn> {
  const { default: path } = await import("../../../dist/webauthn.br", { with: { type: "file" } });
  const script = brotliDecompressSync(await Bun.file(path).bytes());
  return import(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
}

/** The library throws for whatever does not fit, with what it is. */
function notVerified(): { registrationInfo?: undefined; authenticationInfo?: undefined } {
  return {};
}

function noteChallenge(
  tx: Queryable,
  challenge: string,
  personId: string,
  purpose: PasskeyPurpose,
  now: Date,
): Promise<void> {
  const expiresAt = new Date(now.getTime() + GOOD_MS);
  return insertChallenge(tx, { challenge, personId, purpose, expiresAt }, now);
}

function descriptorOf({ credentialId: id, transports }: Passkey) {
  return { id, transports: [...transports] };
}

/** The challenge that stands in what was signed; empty when it has none. */
function challengeIn(signed: PasskeySigned): string {
  const { response } = signed as { response?: { clientDataJSON?: unknown } };
  try {
    const text = Buffer.from(String(response?.clientDataJSON), "base64url").toString();
    const { challenge } = JSON.parse(text) as { challenge?: unknown };
    return typeof challenge === "string" ? challenge : "";
  } catch {
    return "";
  }
}

/** Words alone: they are kept, and handed to browsers again. */
function transportsOf({ response }: RegistrationResponseJSON): string[] {
  const said: unknown = response.transports;
  if (!Array.isArray(said)) return [];
  return said
    .filter((each): each is string => typeof each === "string" && /^[a-z-]{1,20}$/.test(each))
    .slice(0, 8);
}
