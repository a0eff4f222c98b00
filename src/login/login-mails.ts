import { loginAddress } from "#access/sessions/link-address.ts";
import { createLoginLink } from "#access/sessions/person-records.ts";
import { createPortalLink, readPortalAddress } from "#access/sessions/portal-link-records.ts";
import { readBrand } from "#campaigns/brand-records.ts";
import type { Database } from "#database/database.ts";
import type { Log } from "#telemetry/log.ts";
import { newUuid } from "#text/ids.ts";
import { DAY_MS } from "#time/durations.ts";
import type { Running } from "#time/running.ts";
import { invitationLetter, type LoginLetter, type LoginLink, loginLetter } from "./login-letter.ts";

/** How long a link by e-mail is good, and how many e-mails an address may be sent in that time. */
const GOOD_MINUTES = 15;
const GOOD_MS = GOOD_MINUTES * 60_000;
const MOST_MAILS = 3;

/** How long the first link of an operator is good, in days: nobody waits for it. */
const INVITED_DAYS = 3;

/** E-mails on their way at once, and addresses that wait; more are not answered. */
const MOST_SENDING = 4;
const MOST_WAITING = 200;

/** An e-mail that holds a secret: it is sent at once or not at all, and is on record nowhere. */
export interface SecretMail {
  id: string;
  to: string;
  subject: string;
  body: string;
}

export interface LoginMailParts {
  database: Database;
  log: Pick<Log, "warn">;
  /** Where callers reach the server, without a slash at the end. */
  publicUrl: string;
  /** Hands an e-mail to the mail server; whether that took it. */
  send(mail: SecretMail): Promise<boolean | null>;
  now(): Date;
}

/** Sends links to those who ask for one. */
export interface LoginMails extends Running {
  /**
   * Takes note that somebody asks to log in by an address. It returns at once, and only then is it looked whether anybody has that address:
   * neither what the asker is told nor how long that takes tells him.
   */
  ask(email: string, where: LoginPlace): void;
  /** Sends a person who was made an operator the first link, and says by whom. */
  invite(email: string, by: string): void;
}

/** What is to be sent to an address: links that somebody asked for, or the first one of an operator. */
type WantedMail = { email: string } & ({ where: LoginPlace } | { invitedBy: string });

/** Where somebody logs in: to the console as an operator, or to the portal. */
export type LoginPlace = "console" | "portal";

export function openLoginMails(parts: LoginMailParts): LoginMails {
  const waiting: WantedMail[] = [];
  const sending = new Set<Promise<void>>();
  let isStopping = false;

  function sendNext(): void {
    while (!isStopping && sending.size < MOST_SENDING) {
      const next = waiting.shift();
      if (next === undefined) return;
      const one = sendLinks(next, parts)
        .catch((error: unknown) => parts.log.warn("a link to log in could not be sent", { error }))
        .finally(() => {
          sending.delete(one);
          sendNext();
        });
      sending.add(one);
    }
  }

  function queue(wanted: WantedMail): void {
    if (waiting.length >= MOST_WAITING) {
      parts.log.warn("somebody who is to log in is sent no link: too many ask");
      return;
    }
    waiting.push({ ...wanted, email: wanted.email.toLowerCase() });
    sendNext();
  }

  return {
    ask: (email, where) => queue({ email, where }),
    invite: (email, by) => queue({ email, invitedBy: by }),
    start: () => undefined,
    async stop() {
      isStopping = true;
      await Promise.all(sending);
    },
  };
}

async function sendLinks(wanted: WantedMail, parts: LoginMailParts): Promise<void> {
  const letter = await letterFor(wanted, parts);
  if (letter === undefined) return;
  const wasTaken = await parts.send({ id: newUuid(), to: wanted.email, ...letter });
  if (wasTaken !== true) parts.log.warn("the mail server did not take a link to log in");
}

function letterFor(wanted: WantedMail, parts: LoginMailParts): Promise<LoginLetter | undefined> {
  if ("invitedBy" in wanted) return invitationTo(wanted.email, wanted.invitedBy, parts);
  return wanted.where === "console"
    ? letterToOperator(wanted.email, parts)
    : letterToParties(wanted.email, parts);
}

/** Undefined: no person who is an operator has this address, or it was sent too many. */
async function letterToOperator(email: string, parts: LoginMailParts): Promise<LoginLetter | undefined> {
  const link = await linkForOperator(email, GOOD_MS, parts);
  if (link === undefined) return undefined;
  return loginLetter([link], {
    to: "the console of Leadgate",
    host: new URL(parts.publicUrl).host,
    minutes: GOOD_MINUTES,
  });
}

async function invitationTo(
  email: string,
  by: string,
  parts: LoginMailParts,
): Promise<LoginLetter | undefined> {
  const link = await linkForOperator(email, INVITED_DAYS * DAY_MS, parts);
  return link && invitationLetter(link.url, { by, publicUrl: parts.publicUrl, days: INVITED_DAYS });
}

async function linkForOperator(
  email: string,
  goodMs: number,
  { database, publicUrl, now }: LoginMailParts,
): Promise<LoginLink | undefined> {
  const at = now();
  const { since } = spanAround(at);
  const expiresAt = new Date(at.getTime() + goodMs);
  const made = await database.write((tx) =>
    createLoginLink(tx, email, { since, most: MOST_MAILS, expiresAt }, at),
  );
  return made && { to: made.name, url: loginAddress("console", made.secret, publicUrl) };
}

/** The same of suppliers and buyers. */
async function letterToParties(email: string, parts: LoginMailParts): Promise<LoginLetter | undefined> {
  const { database, publicUrl, now } = parts;
  const links = await makeLinks(email, { database, publicUrl, now: now() });
  if (links.length === 0) return undefined;
  const { name } = await database.read((db) => readBrand(db));
  return loginLetter(links, { to: name ?? "Leadgate", host: new URL(publicUrl).host, minutes: GOOD_MINUTES });
}

function makeLinks(
  email: string,
  { database, publicUrl, now }: { database: Database; publicUrl: string; now: Date },
): Promise<LoginLink[]> {
  const { since, expiresAt } = spanAround(now);
  return database.write(async (tx) => {
    const { parties, mails } = await readPortalAddress(tx, email, since);
    if (mails >= MOST_MAILS) return [];
    const links: LoginLink[] = [];
    for (const party of parties) {
      const made = await createPortalLink(tx, party, { email, once: true, expiresAt }, now);
      if (made === "no_such_party") continue;
      links.push({
        to: `${party.name} (${party.kind})`,
        url: loginAddress("portal", made.secret, publicUrl),
      });
    }
    return links;
  });
}

/** Since when e-mails count together, and until when a link is good that is made now. */
function spanAround(now: Date): { since: Date; expiresAt: Date } {
  return { since: new Date(now.getTime() - GOOD_MS), expiresAt: new Date(now.getTime() + GOOD_MS) };
}
