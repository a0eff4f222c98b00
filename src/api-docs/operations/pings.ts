import { errorExample, type OperationDescription, schemaNamed } from "#api-docs/description.ts";
import { LIMITED, OVER_LIMIT } from "#api-docs/rate-limit.ts";

/** A ping that the demo set-up accepts at any hour, with two bids. */
const PING = {
  flo_campaign_id: "auto-accident",
  flo_supplier_id: "acme-media",
  case_type: "auto",
  injured: true,
  state: "FL",
  phone_sha256: "e1457d7211c76aa3bffc0e313a34ec16a96bb0f6cc62c0c1d294246eecefeee4",
};

const { case_type: _, ...WITHOUT_CASE_TYPE } = PING;

const PING_ID = "v1.3f9c2a10.pY3uYkq0xgE2m1x7sQ5bNw.9mCwJ2pXh0b3Vd8sLrT5yQeKzA1uFgHiNoPqRsTuVwX";

const ERROR = schemaNamed("Error");

/** What a lead says of its ping, and what is wrong with one that is not good for it. */
export const TOKEN_RULES = `The lead comes with the \`ping_id\` of a ping (\`POST /api/v1/ping\`) as \`flo_ping_id\`. It is sold at the price that
the ping was promised, to the bid that \`flo_buyer_id\` names or else to the best; when that buyer can no longer take it, to the next. A token that is not
good for the lead is a 400 with one of these codes for \`flo_ping_id\`:

- \`invalid\`: no ping was ever answered with it, or it was changed.
- \`expired\`: the ping is 30 minutes old.
- \`mismatch\`: it is of another campaign or supplier, or a value differs from what was pinged; the message names the fields.
- \`replayed\`: it has bought a lead. A lead that was refused, for whatever reason, or that was a duplicate, leaves it good.`;

const pingLead: OperationDescription = {
  description: `Asks what would be paid for a lead, by the checks that its post will go through. Nothing of it goes on record, and no cap is touched.
Only campaigns in ping-post mode are pinged; the others take their leads directly.

Send what is known and tells nobody who the person is. Any field of the campaign may be there, and is then checked; some must be: the campaign's page says
which. A phone and an e-mail may come hashed, as \`phone_sha256\`, \`phone_md5\`, \`email_sha256\`, \`email_md5\`: the hash in hexadecimal of the phone as
\`+15551234567\`, \`15551234567\` or \`5551234567\`, and of the e-mail in lower case. By them duplicates are found, and people on those suppression lists
that hold such hashes.

Every price is what the supplier is paid. With \`accepted: true\`, post the whole lead to \`/api/v1/ingest\` within 30 minutes, with the \`ping_id\` as
\`flo_ping_id\` and what was pinged unchanged; the promised price holds. \`price\` is that of the best bid, or of those together to whom the lead would
be sold; \`flo_buyer_id\` may name another one. A ping buys one lead.`,
  caller: "supplier",
  parameters: [
    {
      name: "dry_run",
      in: "query",
      description:
        "`true`: with the trace of every check, but without a `ping_id`, and without asking the buyers that bid live.",
      schema: { type: "string", enum: ["true", "false"], default: "false" },
    },
  ],
  body: {
    schema: schemaNamed("Ping"),
    mediaTypes: ["application/json", "application/x-www-form-urlencoded"],
    description: "At most 256 KiB, 8 deep and 200 keys.",
  },
  calls: {
    accepted: {
      summary: "A ping with bids",
      body: PING,
      answer: {
        status: 200,
        body: {
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
        },
      },
    },
    filtered: {
      summary: "A lead that the campaign would not want",
      body: { ...PING, injured: false },
      answer: {
        status: 200,
        body: {
          accepted: false,
          reason: "filtered",
          message: "The lead does not pass the campaign's filters.",
          filter_errors: [
            {
              rule: "campaign.all[0]",
              field: "injured",
              code: "eq",
              message: "injured must be true",
            },
          ],
        },
      },
    },
    suppressed: {
      summary: "A person who does not want to be called",
      body: { ...PING, phone: "(512) 555-0101" },
      answer: {
        status: 200,
        body: {
          accepted: false,
          reason: "suppressed",
          message: "The person is on a suppression list of the campaign.",
        },
      },
    },
    not_valid: {
      summary: "Without a field that is required for a ping",
      body: WITHOUT_CASE_TYPE,
      answer: {
        status: 400,
        body: errorExample("validation_failed", "1 field is not valid", {
          field_errors: [{ field: "case_type", code: "required", message: "Case type is required" }],
        }),
      },
    },
    not_pinged: {
      summary: "To a campaign that takes leads directly",
      body: { flo_campaign_id: "solar", flo_supplier_id: "acme-media", state: "FL" },
      answer: {
        status: 400,
        body: errorExample("validation_failed", "1 field is not valid", {
          field_errors: [
            {
              field: "flo_campaign_id",
              code: "not_allowed",
              message: "This campaign is not pinged: send its leads to /api/v1/ingest",
            },
          ],
        }),
      },
    },
  },
  replies: {
    200: {
      description:
        "Understood. Whether the lead would be taken is in `accepted`; if not, why is in `reason`.",
      schema: { oneOf: [schemaNamed("PingAccepted"), schemaNamed("PingNotAccepted")] },
      headers: LIMITED,
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
    403: {
      description: "The key is another supplier's, or the supplier is not linked to the campaign.",
      schema: ERROR,
      headers: LIMITED,
    },
    404: { description: "There is no such campaign.", schema: ERROR, headers: LIMITED },
    429: OVER_LIMIT,
  },
};

function notAccepted(reason: string, message: string) {
  return { accepted: false, reason, message };
}

/** What suppliers ask before they send a lead. */
export const pingOperations: Readonly<Record<string, OperationDescription>> = { pingLead };
