import type { Outgoing } from "./load.ts";

/**
 * People who are nobody's, told by three marks: a first name, an e-mail domain, and a telephone area. Wherever one of them turns
 * up outside the database, personal data leaked.
 */
const FIRST_NAME = "Zebulonia";
const LAST_NAME = "Quackenbush";
const DOMAIN = "people-of-the-tests.example";
const AREA = "512";

let people = 0;

/** A lead of a person whom no test has seen before. */
export function aPersonsLead(over: Readonly<Record<string, unknown>> = {}): Outgoing {
  people += 1;
  const person = people;
  return {
    idempotencyKey: `lead-${person}`,
    body: {
      flo_campaign_id: "solar",
      flo_supplier_id: "acme",
      first_name: FIRST_NAME,
      last_name: LAST_NAME,
      phone: phoneOf(person),
      email: `zeb.${person}@${DOMAIN}`,
      state: "TX",
      ...over,
    },
  };
}

/** Leads of ever new people. */
export function* leads(count = Number.POSITIVE_INFINITY): Generator<Outgoing> {
  for (let sent = 0; sent < count; sent++) yield aPersonsLead();
}

/** One new person's phone, the way that eight forms would send it. */
export function spellingsOfOnePhone(): string[] {
  people += 1;
  const phone = phoneOf(people);
  const [area, exchange, line] = [phone.slice(0, 3), phone.slice(3, 6), phone.slice(6)];
  return [
    phone,
    `${area}-${exchange}-${line}`,
    `(${area}) ${exchange}-${line}`,
    `${area}.${exchange}.${line}`,
    `+1 ${area} ${exchange} ${line}`,
    `+1${phone}`,
    `1-${area}-${exchange}-${line}`,
    `  ${area} ${exchange}${line} `,
  ];
}

function phoneOf(person: number): string {
  return `${AREA}${2_000_000 + person}`;
}

/** What of these people a text gives away, by the marks above; empty when it keeps silent. */
export function givenAway(text: string): string[] {
  return [...text.matchAll(marks)].map(([found]) => found);
}

const marks = new RegExp(
  `${FIRST_NAME}|${LAST_NAME}|${DOMAIN.replaceAll(".", "\\.")}|(?<![0-9a-z-])(?:\\+?1[-. ` +
    `]?)?\\(?${AREA}\\)?[-. ]?[2-9]\\d{2}[-. ]?\\d{4}(?![0-9a-z])`,
  "gi",
);
