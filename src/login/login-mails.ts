import { createPortalLink, readPortalAddress } from "#access/sessions/portal-link-records.ts";
import { readBrand } from "#campaigns/brand-records.ts";
import type { Database } from "#database/database.ts";
import type { Log } from "#telemetry/log.ts";
import { newUuid } from "#text/ids.ts";
import type { Running } from "#time/running.ts";
import { type LinkedParty, loginLetter } from "./login-letter.ts";

/** How long a link by e-mail is good, and how many e-mails an address may be sent in that time. */
const GOOD_MINUTES = 15;
const GOOD_MS = GOOD_MINUTES * 60_000;
const MOST_MAILS = 3;

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
  ask(email: string): void;
}

export function openLoginMails(parts: LoginMailParts): LoginMails {
  const waiting: string[] = [];
  const sending = new Set<Promise<void>>();
  let isStopping = false;

  function sendNext(): void {
    while (!isStopping && sending.size < MOST_SENDING) {
      const email = waiting.shift();
      if (email === undefined) return;
      const one = sendLinks(email, parts)
        .catch((error: unknown) => parts.log.warn("a link to log in could not be sent", { error }))
        .finally(() => {
          sending.delete(one);
          sendNext();
        });
      sending.add(one);
    }
  }

  return {
    ask(email) {
      if (waiting.length >= MOST_WAITING) {
        parts.log.warn("somebody who asked to log in is sent no link: too many ask");
        return;
      }
      waiting.push(email.toLowerCase());
      sendNext();
    },
    start: () => undefined,
    async stop() {
      isStopping = true;
      await Promise.all(sending);
    },
  };
}

async function sendLinks(
  email: string,
  { database, log, publicUrl, send, now }: LoginMailParts,
): Promise<void> {
  const links = await makeLinks(email, { database, publicUrl, now: now() });
  if (links.length === 0) return;
  const { name } = await database.read((db) => readBrand(db));
  const brand = name ?? "Leadgate";
  const letter = loginLetter(links, { brand, host: new URL(publicUrl).host, minutes: GOOD_MINUTES });
  const wasTaken = await send({ id: newUuid(), to: email, ...letter });
  if (wasTaken !== true) log.warn("the mail server did not take a link to log in");
}

function makeLinks(
  email: string,
  { database, publicUrl, now }: { database: Database; publicUrl: string; now: Date },
): Promise<LinkedParty[]> {
  return database.write(async (tx) => {
    const { parties, mails } = await readPortalAddress(tx, email, new Date(now.getTime() - GOOD_MS));
    if (mails >= MOST_MAILS) return [];
    const links: LinkedParty[] = [];
    for (const party of parties) {
      const wanted = { email, once: true, expiresAt: new Date(now.getTime() + GOOD_MS) };
      const made = await createPortalLink(tx, party, wanted, now);
      if (made !== "no_such_party") links.push({ party, url: `${publicUrl}/portal/login#${made.secret}` });
    }
    return links;
  });
}
