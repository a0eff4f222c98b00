import { describe, expect, test } from "bun:test";
import { reopenStored } from "#intake/recover.ts";
import type { WholeLead } from "#leads/lead-records.ts";
import type { Amount } from "#money/amount.ts";
import { aPrior, aSale } from "../support/prior.ts";

const sale = aSale("second", { status: "reserved" });

const stored: WholeLead = {
  id: "019b0000-0000-7000-8000-000000000001",
  campaignId: "solar",
  supplierId: "acme",
  status: "PENDING",
  reason: null,
  buyerId: "second",
  isTest: true,
  duplicateOf: null,
  sales: [sale],
  former: [],
  price: sale.price,
  payout: sale.payout,
  currency: "USD",
  decidedAt: 1_000,
  firstDecidedAt: 1_000,
  erasedAt: null,
  revision: 3,
  requestId: "r",
  fields: '{"first_name":"Ada"}',
  sent: null,
  trace: [],
  checks: [],
  quote: null,
};

describe("a lead that a dead server left pending", () => {
  test("a lead that a dead server left pending is decided as it stands on record, without the buyers that it was meant for before", () => {
    expect(reopenStored(stored, "refused", ["first"])).toEqual({
      kind: "reopened",
      id: stored.id,
      requestId: "r",
      campaignId: "solar",
      supplierId: "acme",
      body: { first_name: "Ada" },
      idempotency: null,
      ping: null,
      checks: [],
      prior: aPrior("refused", [sale], {
        answers: new Map(),
        isTest: true,
        refusedBy: new Set(["first", "second"]),
      }),
    });
  });

  test("a lead that a dead server left pending repeats the lead that it repeated, whose buyer it was reserved for", () => {
    const { prior } = reopenStored({ ...stored, duplicateOf: "earlier" }, "confirmed", []);
    expect(prior.duplicateOf).toEqual({ leadId: "earlier", buyerId: "second" });
  });

  test("a lead that a dead server left pending keeps what its ping was promised", () => {
    const quote = { id: "ping", bids: [{ ...sale, furtherPayout: 0 as Amount }] };
    expect(reopenStored({ ...stored, quote }, "by_hand", []).ping).toEqual({ quote, wants: null });
  });
});
