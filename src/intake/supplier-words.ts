import type { HashedName } from "#fields/usual-hashes.ts";
import {
  currency,
  DRY_RUN_TRACE,
  type JsonSchema,
  listOf,
  money,
  named,
  objectOf,
  text,
  textOrNull,
  wordOf,
} from "#http/schema.ts";
import { errorExample, type Parameter, type Reply, refusalWords } from "#http/words.ts";

/** What the documents say of leads to and from suppliers, on more than one route. */

/** The headers that tell of a supplier's limits. */
export const LIMITED = ["ratelimit-policy", "ratelimit"];

export const OVER_LIMIT: Reply = {
  ...refusalWords(
    `The supplier is over its rate limit; or the key is not known to be good, and too many from this address were not
(then without the limits).`,
    [...LIMITED, "retry-after"],
  ),
  examples: {
    over_limit: {
      summary: "Over the limit",
      value: errorExample("rate_limited", "The supplier is over its rate limit.", { retry_after: 1 }),
    },
  },
};

export const OVER_LOOKUP_LIMIT = refusalWords("The supplier is over its rate limit for look-ups.", [
  ...LIMITED,
  "retry-after",
]);

/** What is said of leads to any campaign. */
export const LEAD_CHECKS = `Takes a lead in and says at once what became of it.

The checks, in this order: key, rate limit, body, campaign and link, the campaign's fields, filters, suppression lists,
duplicates, the ping's token where there is one, others whom the campaign has asked about it, buyers. All fields that are
wrong are named at once. What was accepted is on disk before the answer is sent. A
**503** means that nothing was taken in: send the lead again.`;

/** What a lead says of its ping, and what is wrong with one that is not good for it. */
export const TOKEN_RULES = `The lead comes with the \`ping_id\` of a ping (\`POST /api/v1/ping\`) as \`flo_ping_id\`. It
is sold at the price that the ping was promised, to the bid that \`flo_buyer_id\` names or else to the best; when that
buyer can no longer take it, to the next. A token that is not good for the lead is a 400 with one of these codes for
\`flo_ping_id\`:

- \`invalid\`: no ping was ever answered with it, or it was changed.
- \`expired\`: the ping is 30 minutes old.
- \`mismatch\`: it is of another campaign, supplier or currency, only one of the two is a test, or a value differs from
  what was pinged; the message names the fields.
- \`replayed\`: it has bought a lead. A lead that was refused, for whatever reason, or that was a duplicate, leaves it good.`;

/** `?dry_run`; `description` says what it does. */
export function dryRunSetting(description: string): Parameter {
  return { description, schema: { ...wordOf(["true", "false"]), default: "false" } };
}

/** How a lead or ping may be written. */
export const LEAD_MEDIA_TYPES = {
  mediaTypes: ["application/json", "application/x-www-form-urlencoded"],
  description: "At most 256 KiB, 8 deep, 200 keys and 2,000 values, those in lists counted.",
};

type Properties = Readonly<Record<string, JsonSchema>>;

/** Which campaign a lead is for, and who sends it. */
export const ADDRESSED: Properties = {
  flo_campaign_id: { type: "string", description: "The campaign", examples: ["solar"] },
  flo_supplier_id: { type: "string", description: "Whose key this is", examples: ["acme-media"] },
};

export const PERSON: Properties = {
  first_name: { type: "string", minLength: 1, maxLength: 200 },
  last_name: { type: "string", minLength: 1, maxLength: 200 },
  phone: {
    type: "string",
    description: "Any usual spelling; without + it is read as the campaign's country dials it.",
    examples: ["(512) 555-0147"],
  },
  email: { type: "string", format: "email", maxLength: 254 },
};

export const ABOUT_A_LEAD: Properties = {
  state: { type: "string", description: "Two-letter state code, in any case", examples: ["TX"] },
  zip_code: { type: "string", examples: ["78701"] },
  source: { type: "string", maxLength: 200 },
  trustedform_cert_url: { type: "string", format: "uri", maxLength: 2000 },
};

/** What a lead says of the ping that was answered with its price. */
export const OF_ITS_PING = {
  flo_ping_id: {
    type: "string",
    minLength: 1,
    maxLength: 16_384,
    description: "The `ping_id` of a ping's answer, at most 30 minutes old and not used yet",
  },
  flo_buyer_id: {
    type: "string",
    description:
      "The buyer of that answer's `bids` that is to get the lead before the others; without it, the best",
  },
} as const satisfies Properties;

const PHONE_RECIPE = "the phone as +15551234567, 15551234567 or 5551234567";
const EMAIL_RECIPE = "the e-mail in lower case";

/** What a ping may say instead of a phone or an e-mail. */
export const HASHED: Readonly<Record<HashedName, JsonSchema>> = {
  phone_sha256: hashOf(64, "SHA-256", PHONE_RECIPE),
  phone_md5: hashOf(32, "MD5", PHONE_RECIPE),
  email_sha256: hashOf(64, "SHA-256", EMAIL_RECIPE),
  email_md5: hashOf(32, "MD5", EMAIL_RECIPE),
};

function hashOf(digits: number, algorithm: string, of: string): JsonSchema {
  return {
    type: "string",
    pattern: `^[0-9A-Fa-f]{${digits}}$`,
    description: `${algorithm} in hexadecimal of ${of}`,
  };
}

/** The fields that every campaign has; a campaign's own page has the rest. */
export const LEAD = named("Lead", {
  ...objectOf({ ...ADDRESSED, ...PERSON }, { ...ABOUT_A_LEAD, ...OF_ITS_PING }),
  additionalProperties: true,
  description: `A lead: who sends it to which campaign, the person, and whatever fields the campaign maps. What each campaign asks
for is on its own page, /docs/campaigns/{id}.`,
});

/** A lead at a posting URL, which says who sends it. */
export const POSTED = named("PostedLead", {
  ...objectOf(PERSON, { ...ADDRESSED, ...ABOUT_A_LEAD, ...OF_ITS_PING }),
  additionalProperties: true,
  description: `A lead as \`Lead\`, whose supplier the address names, and whose campaign too where it was made for one. The \`google_key\`
of Google's lead forms is not looked at and not kept: the key is in the address.`,
});

/** A sale as suppliers see it. */
export const SALE = objectOf({
  buyer_id: text,
  price: { ...money, description: "What the supplier is paid." },
});

export const LEAD_DATA = named(
  "LeadData",
  objectOf(
    {
      id: { type: "string", examples: ["lead_01k6a1npq7f9gtqf2hs6zkdsn4"] },
      status: wordOf(
        ["ACCEPTED", "UNMATCHED", "DUPLICATE", "REJECTED", "HELD"],
        "HELD: put aside until a person decides; look it up later.",
      ),
      buyer_id: { ...textOrNull, description: "Whoever got the lead; null when nobody did." },
      campaign_id: text,
    },
    {
      price: {
        ...money,
        description:
          "In a campaign that is pinged first: what the supplier is paid, as the ping was promised.",
      },
      currency,
      sales: listOf(
        SALE,
        "Where a lead may be sold to several buyers: each of them; `buyer_id` is the first.",
      ),
      duplicate: { const: true, description: "It repeats an earlier lead and went to the same buyer." },
      is_test: { const: true, description: "The supplier is in test mode." },
      dry_run: { const: true, description: "Nothing of this was recorded." },
    },
  ),
);

/** What comes to an answer of a dry run. */
export const TRIED_OUT: Properties = {
  dry_run: { const: true, description: "Nothing will come of it." },
  trace: DRY_RUN_TRACE,
};
