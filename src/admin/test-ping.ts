import { Type } from "@sinclair/typebox";
import { readCampaign } from "#campaigns/campaign-records.ts";
import { readRecipient } from "#campaigns/recipient-records.ts";
import { json } from "#http/body-form.ts";
import { invalid } from "#http/field-errors.ts";
import { type Route, route } from "#http/route.ts";
import { currency, dataOf, money, objectOf, text, textOrNull, wordOf } from "#http/schema.ts";
import { errorExample, exampleCall, notFound, pathParameter, refusalWords, reply } from "#http/words.ts";
import type { BidAnswer, NoBid } from "#leads/bid.ts";
import { formatAmount } from "#money/amount.ts";
import { newUuid } from "#text/ids.ts";
import type { AdminParts } from "./parts.ts";

const NO_CAMPAIGN = "must be the id of a campaign";

const TEST_PING = Type.Object({
  campaign: Type.Optional(Type.String({ minLength: 1, maxLength: 128, mustBe: "the id of a campaign" })),
  fields: Type.Optional(
    Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()]), {
      mustBe: "a mapping of fields to texts, numbers, true or false",
    }),
  ),
});

/** What is pinged when nothing is said. */
const USUAL_FIELDS = { state: "TX", zip_code: "78701" };

/** Asks a buyer for a bid, and shows what it answered and how that was read. */
export function testPingRoute({ database, operators, testPing }: AdminParts): Route {
  return route({
    method: "post",
    path: "/api/v1/admin/buyers/:id/test-ping",
    who: operators.operate,
    body: json(TEST_PING),
    async answer({ context, params: { id }, body }) {
      const known = await database.read((db) => readRecipient(db, `buyer:${id}`));
      if (known === undefined) return context.refuse("not_found", "There is no such buyer.");
      const stored = body.campaign && (await database.read((db) => readCampaign(db, body.campaign ?? "")));
      if (body.campaign !== undefined && !stored) {
        return invalid(context, [{ field: "campaign", code: "not_allowed", message: NO_CAMPAIGN }]);
      }
      const of = stored ? stored.definition : { id: "test", currency: "USD", timezone: "UTC" };
      const tried = await testPing(id, {
        pingId: newUuid(),
        revision: 0,
        campaignId: of.id,
        isTest: true,
        currency: of.currency,
        timezone: of.timezone,
        fields: body.fields ?? USUAL_FIELDS,
      });
      if (tried === undefined) return context.refuse("conflict", NO_PING);
      const { status, durationMs, body: answer } = tried;
      const reading = readingOf(tried.answer, of.currency);
      return context.json(200, { data: { status, duration_ms: Math.round(durationMs), answer, reading } });
    },
    words: {
      operation: "testBuyerPing",
      section: "Operators",
      summary: "Ask a buyer for a bid, to see how its answer is read",
      description: `Sends a buyer its ping once, with \`is_test\` and the \`fields\` given (else a state and a ZIP code), whatever is known
against its endpoint, and shows the beginning of its answer and what it was read as. Nothing is recorded.`,
      params: { id: pathParameter("The buyer's id", "national-solar") },
      calls: {
        no_ping: exampleCall("A buyer that makes no live bids", {}, 409, errorExample("conflict", NO_PING)),
      },
      replies: {
        200: reply("What came of it.", dataOf(TRIED)),
        404: notFound("buyer"),
        409: refusalWords("The buyer has no ping."),
      },
    },
  });
}

const NO_PING = "This buyer has no ping: it makes no live bids.";

/** Why an answer is no bid, as a sentence. */
const NO_BID_WORDS: Readonly<Record<NoBid, string>> = {
  rejected: "It said no, or bid 0.",
  duplicate: "It said that it has this person already.",
  timed_out: "Its answer was not there within its timeout_ms.",
  out_of_budget: "The time for all bids was over.",
  unreachable: "No connection could be made: no address, nobody listening there, or no TLS.",
  not_allowed: "Its url leads to a private address, which WEBHOOK_ALLOW_CIDRS does not name.",
  broken_off: "The connection ended before the whole answer was there.",
  http_status: "Its status is no success, and no response rule explains it.",
  error_by_rule: "A response rule says that this answer is an error.",
  unreadable:
    "No response rule fits it, or it has no price where response_values look for one, or it is no HTTP.",
  bad_price: "Its price is no exact amount with at most four decimals, or more than 1,000,000.",
  no_price: "It named no price, and its contract has none.",
  breaker_open: "So many pings to it failed lately that it is left alone for a while.",
  too_many_in_flight: "As many pings are on their way to it as it takes.",
  not_asked: "It has no ping, or none that could be written.",
};

function readingOf(answer: BidAnswer, code: string) {
  if (answer.kind === "no_bid") {
    return { outcome: "no_bid", why: answer.why, means: NO_BID_WORDS[answer.why], reason: answer.reason };
  }
  const { price, reference } = answer;
  return {
    outcome: "bid",
    price: price === null ? null : formatAmount(price, code),
    currency: code,
    reference,
  };
}

const TRIED = objectOf({
  status: { type: ["integer", "null"], description: "Of HTTP; null when no answer came." },
  duration_ms: { type: "integer" },
  answer: { type: "string", description: "The beginning of what it answered, at most 1,024 characters." },
  reading: objectOf(
    { outcome: wordOf(["bid", "no_bid"]) },
    {
      price: { ...money, type: ["string", "null"], description: "Null: at its contract's price." },
      currency,
      reference: textOrNull,
      why: text,
      means: { type: "string", description: "Why it is none, in a sentence." },
      reason: { ...textOrNull, description: "In the buyer's words." },
    },
  ),
});
