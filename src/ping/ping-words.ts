import {
  currency,
  FILTER_ERROR,
  listOf,
  money,
  named,
  objectOf,
  textOrNull,
  time,
  wordOf,
} from "#http/schema.ts";
import { exampleCall, invalidCall, refusalWords, reply, type Words } from "#http/words.ts";
import {
  ABOUT_A_LEAD,
  ADDRESSED,
  HASHED,
  LIMITED,
  OVER_LIMIT,
  PERSON,
  SALE,
  TRIED_OUT,
} from "#intake/supplier-words.ts";

/** A ping that the demo set-up accepts at any hour, with two bids. */
const ACCEPTABLE = {
  flo_campaign_id: "auto-accident",
  flo_supplier_id: "acme-media",
  case_type: "auto",
  injured: true,
  state: "FL",
  phone_sha256: "e1457d7211c76aa3bffc0e313a34ec16a96bb0f6cc62c0c1d294246eecefeee4",
};

const { case_type: _, ...WITHOUT_CASE_TYPE } = ACCEPTABLE;

const PING_ID = "v1.3f9c2a10.pY3uYkq0xgE2m1x7sQ5bNw.9mCwJ2pXh0b3Vd8sLrT5yQeKzA1uFgHiNoPqRsTuVwX";

const MESSAGE = { type: "string", description: "For people." };

/** As much of a lead as is known. */
export const PING = named("Ping", {
  ...objectOf(ADDRESSED, { ...PERSON, ...HASHED, ...ABOUT_A_LEAD }),
  additionalProperties: true,
  description: `As much of a lead as is known, of whatever fields the campaign maps. What each campaign requires of a ping is on
its own page, /docs/campaigns/{id}.`,
});

const PING_ACCEPTED = named(
  "PingAccepted",
  objectOf(
    {
      accepted: { const: true },
      ping_id: {
        ...textOrNull,
        description: "Good for one lead, for 30 minutes, as its flo_ping_id; null on a dry run.",
      },
      message: MESSAGE,
      price: { ...money, description: "What the supplier is paid when the lead comes." },
      currency,
      expires_at: time,
      bids: listOf(
        SALE,
        "All who would take the lead, best first; none where the campaign does not tell of buyers.",
      ),
    },
    { is_test: { const: true, description: "The supplier is in test mode." }, ...TRIED_OUT },
  ),
);

const PING_NOT_ACCEPTED = named(
  "PingNotAccepted",
  objectOf(
    {
      accepted: { const: false },
      reason: wordOf(["filtered", "suppressed", "duplicate", "no_buyer", "inactive"]),
      message: MESSAGE,
    },
    { filter_errors: listOf(FILTER_ERROR), ...TRIED_OUT },
  ),
);

function notAccepted(reason: string, message: string, details: object = {}) {
  return { accepted: false, reason, message, ...details };
}

/** What the document says of `POST /api/v1/ping`. */
export const PING_WORDS: Words = {
  operation: "pingLead",
  section: "Suppliers",
  summary: "Ask for a price",
  description: `Asks what would be paid for a lead, by the checks that its post will go through. Nothing of it goes on
record, and no cap is touched. Only campaigns in ping-post mode are pinged; the others take their leads directly.

Send what is known and tells nobody who the person is. Any field of the campaign may be there, and is then checked; some
must be: the campaign's page says which. A phone and an e-mail may come hashed, as \`phone_sha256\`, \`phone_md5\`,
\`email_sha256\`, \`email_md5\`: the hash in hexadecimal of the phone as \`+15551234567\`, \`15551234567\` or
\`5551234567\`, and of the e-mail in lower case. By them duplicates are found, and people on those suppression lists
that hold such hashes.

Every price is what the supplier is paid. With \`accepted: true\`, post the whole lead to \`/api/v1/ingest\` within 30
minutes, with the \`ping_id\` as \`flo_ping_id\` and what was pinged unchanged; the promised price holds. \`price\` is
that of the best bid, or of those together to whom the lead would be sold; \`flo_buyer_id\` may name another one. A ping
buys one lead.`,
  calls: {
    accepted: exampleCall("A ping with bids", ACCEPTABLE, 200, {
      accepted: true,
      ping_id: PING_ID,
      message: "Send the whole lead to /api/v1/ingest with this ping_id as flo_ping_id.",
      price: "165.00",
      currency: "USD",
      expires_at: "2026-01-13T17:30:00.000Z",
      bids: [
        { buyer_id: "harbor-law", price: "165.00" },
        { buyer_id: "claims-first", price: "135.00" },
      ],
    }),
    filtered: exampleCall(
      "A lead that the campaign would not want",
      { ...ACCEPTABLE, injured: false },
      200,
      notAccepted("filtered", "The lead does not pass the campaign's filters.", {
        filter_errors: [
          { rule: "campaign.all[0]", field: "injured", code: "eq", message: "Injured must be true" },
        ],
      }),
    ),
    suppressed: exampleCall(
      "A person who does not want to be called",
      { ...ACCEPTABLE, phone: "(512) 555-0101" },
      200,
      notAccepted("suppressed", "The person is on a suppression list of the campaign."),
    ),
    not_valid: invalidCall("Without a field that is required for a ping", WITHOUT_CASE_TYPE, [
      "case_type",
      "required",
      "Case type is required",
    ]),
    not_pinged: invalidCall(
      "To a campaign that takes leads directly",
      { flo_campaign_id: "solar", flo_supplier_id: "acme-media", state: "FL" },
      ["flo_campaign_id", "not_allowed", "This campaign is not pinged: send its leads to /api/v1/ingest"],
    ),
  },
  replies: {
    200: {
      ...reply(
        "Understood. Whether the lead would be taken is in `accepted`; if not, why is in `reason`.",
        { oneOf: [PING_ACCEPTED, PING_NOT_ACCEPTED] },
        LIMITED,
      ),
      examples: {
        duplicate: {
          summary: "A person whom the campaign has already",
          value: notAccepted("duplicate", "The campaign has this person already."),
        },
        no_buyer: {
          summary: "Nobody would take it now",
          value: notAccepted("no_buyer", "No buyer would take this lead now."),
        },
        inactive: {
          summary: "The campaign is paused",
          value: notAccepted("inactive", "The campaign or the supplier is paused."),
        },
      },
    },
    403: refusalWords(
      "The key is another supplier's, or the supplier is not linked to the campaign.",
      LIMITED,
    ),
    404: refusalWords("There is no such campaign.", LIMITED),
    429: OVER_LIMIT,
  },
};
