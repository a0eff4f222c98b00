import { describe, expect, test } from "bun:test";
import { decide } from "#intake/decide/decide.ts";
import type { Pinged } from "#leads/candidate.ts";
import type { Quote } from "#leads/quote.ts";
import { answerToPing, isForNoPings, pingOutcomeOf } from "#ping/answer.ts";
import type { Auctioned } from "#ping/auction.ts";
import { compiled, parsed, stateWithoutRecords } from "../intake/decide/compiled-campaign.ts";
import { aDocument } from "../support/leadgate.ts";

const NOW = new Date("2026-01-13T17:00:00Z");

const ping: Pinged = {
  kind: "pinged",
  id: "019b0000-0000-7000-8000-000000000001",
  requestId: "r",
  campaignId: "solar",
  supplierId: "acme",
  keyId: "key",
  body: { state: "TX", zip_code: "78701" },
};

function auctioned(
  over: NonNullable<Parameters<typeof aDocument>[0]>["campaign"] = {},
  lead = ping,
): Auctioned {
  const link = { payout: { mode: "revenue_share" as const, percent: 50 } };
  const campaign = compiled(aDocument({ campaign: { mode: "ping_post", ...over }, link }));
  const { reading } = parsed(lead, campaign);
  return {
    reading,
    decision: decide({ lead, reading }, stateWithoutRecords(campaign, lead, NOW), NOW),
    live: new Map(),
  };
}

/** What the supplier is told, and the quotes that its token was made of. */
function answered(over?: Parameters<typeof auctioned>[0], lead = ping) {
  const issued: Quote[] = [];
  const issue = (quote: Quote) => {
    issued.push(quote);
    return "token";
  };
  const { httpStatus, body } = answerToPing(lead, auctioned(over, lead), issue, NOW);
  return { httpStatus, told: JSON.parse(body), issued };
}

describe("the answer to a ping that buyers would take", () => {
  test("the answer to a ping that buyers would take shows the best payout and each bid's, never what a buyer would pay", () => {
    const { httpStatus, told } = answered();
    expect(httpStatus).toBe(200);
    expect(told).toMatchObject({
      accepted: true,
      ping_id: "token",
      price: "15.00",
      currency: "USD",
      expires_at: "2026-01-13T17:30:00.000Z",
      bids: [
        { buyer_id: "third", price: "15.00" },
        { buyer_id: "second", price: "10.00" },
        { buyer_id: "first", price: "5.00" },
      ],
    });
  });

  test("the answer to a ping that buyers would take promises the buyers' prices in its token, with a digest of each value that was pinged", () => {
    const [quote] = answered().issued;
    expect(quote).toMatchObject({ id: ping.id, campaignId: "solar", supplierId: "acme" });
    expect(quote?.expiresAt).toBe(NOW.getTime() + 1_800_000);
    expect(quote?.bids.map(({ buyerId, price, payout }) => [buyerId, price, payout])).toEqual([
      ["third", 300_000, 150_000],
      ["second", 200_000, 100_000],
      ["first", 100_000, 50_000],
    ] as never);
    expect(Object.keys(quote?.pinged ?? {}).toSorted()).toEqual(["state", "zip_code"]);
    expect(JSON.stringify(quote?.pinged)).not.toContain("78701");
  });

  test("the answer to a ping that buyers would take binds the post to the campaign's fields alone", () => {
    const body = { state: "TX", sent_at: "2026-01-13", phone_md5: "0123456789abcdef0123456789abcdef" };
    const [quote] = answered({}, { ...ping, body }).issued;
    expect(Object.keys(quote?.pinged ?? {}).toSorted()).toEqual(["phone_md5", "state"]);
  });

  test("the answer to a ping that buyers would take says what all sales of a shared lead bring together", () => {
    expect(answered({ max_sells: 2 }).told.price).toBe("25.00");
  });

  test("the answer to a ping that buyers would take of a dry run has a trace, and no token", () => {
    const { body } = answerToPing(ping, auctioned(), null, NOW);
    expect(JSON.parse(body)).toMatchObject({ accepted: true, ping_id: null, dry_run: true });
    expect(JSON.parse(body).trace).toContainEqual({ check: "buyers", result: "passed" });
  });
});

describe("the answer to a ping that nobody would take", () => {
  test("the answer to a ping that nobody would take is the reason, and no token", () => {
    const nobody = answered({ filters: { field: "state", op: "eq", value: "OK" } });
    expect(nobody).toMatchObject({
      httpStatus: 200,
      told: { accepted: false, reason: "filtered" },
      issued: [],
    });
    const paused = answered({ status: "paused" });
    expect(paused.told).toMatchObject({ accepted: false, reason: "inactive" });
    const noBuyer = answered({ min_price: "31.00" });
    expect(noBuyer.told).toMatchObject({ accepted: false, reason: "no_buyer" });
  });

  test("the answer to a ping that nobody would take is an error when what was pinged is not valid", () => {
    const { httpStatus, told } = answered({}, { ...ping, body: { phone: "1" } });
    expect(httpStatus).toBe(400);
    expect(told.field_errors).toMatchObject([{ field: "phone" }]);
  });

  test("the answer to a ping that nobody would take counts as what it ended in", () => {
    expect(pingOutcomeOf(auctioned().decision.ending)).toBe("accepted");
    expect(pingOutcomeOf(auctioned({ status: "paused" }).decision.ending)).toBe("inactive");
    expect(pingOutcomeOf(auctioned({ status: "archived" }).decision.ending)).toBe("refused");
  });
});

test("a campaign that takes leads as they are is not pinged, which only a linked supplier is told", () => {
  expect(isForNoPings(auctioned({ mode: "direct" }))).toBe(true);
  expect(isForNoPings(auctioned())).toBe(false);
  expect(isForNoPings(auctioned({ mode: "direct", suppliers: [] }))).toBe(false);
});
