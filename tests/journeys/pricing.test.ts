import { expect, test } from "bun:test";
import { aDocument, aLead, type Leadgate } from "../support/leadgate.ts";
import { journeys } from "./journeys.ts";
import { ping } from "./pings.ts";

type Over = NonNullable<Parameters<typeof aDocument>[0]>;

/** A lead sent directly: who has it, at which price, and what its supplier is paid. */
async function sale(leadgate: Leadgate, over: Record<string, unknown> = {}) {
  const { body } = await leadgate.ingest("acme", aLead(over));
  const { data } = (await leadgate.admin("GET", `/leads/${body.data.id}`)).body;
  return {
    to: data.buyer_id ?? data.status,
    price: data.price,
    payout: data.payout,
    lines: data.trace.at(-1).buyers,
  };
}

const reasons = (lines: { reason?: string }[]) => lines.map((line) => line.reason ?? "chosen");

journeys("prices", (journey) => {
  const priced = (over: Over = {}) =>
    aDocument({ ...over, campaign: { distribution: "highest_bid", ...over.campaign } });

  test("a price is that of the first rule that the lead passes, else the contract's", async () => {
    const { leadgate } = journey;
    const price_rules = [
      { when: { field: "roof_age", op: "lt" as const, value: 5 }, price: "50.00" },
      { when: { field: "state", op: "eq" as const, value: "TX" }, price: "45.50" },
    ];
    const fields = [{ name: "roof_age", type: "integer" as const }];
    await leadgate.configure(
      priced({ contracts: { first: { price_rules } }, campaign: { distribution: "highest_bid", fields } }),
    );
    expect(await sale(leadgate, { roof_age: 3, state: "TX" })).toMatchObject({ to: "first", price: "50.00" });
    expect(await sale(leadgate, { roof_age: 9, state: "TX" })).toMatchObject({ to: "first", price: "45.50" });
    expect(await sale(leadgate, { roof_age: 9, state: "OK" })).toMatchObject({ to: "third", price: "30.00" });
  });

  test("a price by a rule is promised by a ping only when what was pinged is sure to pass it", async () => {
    const { leadgate } = journey;
    const price_rules = [{ when: { field: "state", op: "eq" as const, value: "TX" }, price: "45.00" }];
    await leadgate.configure(
      priced({
        contracts: { first: { price_rules } },
        campaign: { mode: "ping_post" },
        link: { payout: { mode: "margin" } },
      }),
    );
    expect((await ping(leadgate, { state: "TX" })).body).toMatchObject({
      price: "45.00",
      bids: [{ buyer_id: "first" }, {}, {}],
    });
    expect((await ping(leadgate)).body.price).toBe("30.00");
  });

  test("a price that a ping is promised is no higher than what the lead may come to by a rule about what was not sent", async () => {
    const { leadgate } = journey;
    const price_rules = [
      { when: { field: "state", op: "eq" as const, value: "OK" }, price: "35.00" },
      { when: { field: "roof_age", op: "lt" as const, value: 5 }, price: "12.00" },
      { when: { field: "check.phone.line_type", op: "eq" as const, value: "landline" }, price: "1.00" },
    ];
    const fields = [{ name: "roof_age", type: "integer" as const }];
    const checks = [{ id: "phone", url: "http://127.0.0.1:9/", values: { line_type: "$.type" } }];
    await leadgate.configure(
      priced({
        contracts: {
          first: { price: "40.00", price_rules },
          second: { status: "paused" },
          third: { status: "paused" },
        },
        campaign: { mode: "ping_post", fields, checks },
        link: { payout: { mode: "margin" } },
      }),
    );
    const promised = async (sent: object) => (await ping(leadgate, { ...sent })).body.price;
    expect(await promised({ state: "TX", roof_age: 9 })).toBe("40.00");
    expect(await promised({ state: "TX", roof_age: 3 })).toBe("12.00");
    expect(await promised({ state: "TX" })).toBe("12.00");
    expect(await promised({ roof_age: 9 })).toBe("35.00");
    expect(await promised({ state: "OK" })).toBe("35.00");
    expect(await promised({})).toBe("12.00");
  });

  test("a price below the campaign's floor sells nothing, exactly", async () => {
    const { leadgate } = journey;
    await leadgate.configure(priced({ campaign: { min_price: "20.01" } }));
    const { to, lines } = await sale(leadgate);
    expect([to, reasons(lines)]).toEqual(["third", ["below_min_price", "below_min_price", "chosen"]]);
    await leadgate.configure(priced({ campaign: { min_price: "30.01" } }));
    expect((await sale(leadgate)).to).toBe("UNMATCHED");
  });

  test("the price leaves the operator its margin: the campaign's, or the supplier's own instead", async () => {
    const { leadgate } = journey;
    const paid = async (campaign: object, link: object) => {
      await leadgate.configure(priced({ campaign, link: { payout: { mode: "margin" }, ...link } }));
      return (await sale(leadgate)).payout;
    };
    expect(await paid({}, {})).toBe("30.00");
    expect(await paid({ margin: { flat: "1.25" } }, {})).toBe("28.75");
    expect(await paid({ margin: { flat: "1.25", percent: 12.5 } }, {})).toBe("25.00");
    expect(await paid({ margin: { flat: "1.25" } }, { margin: { percent: 50 } })).toBe("15.00");
  });

  test("a price that would not cover payout and margin sells nothing, unless a loss is allowed", async () => {
    const { leadgate } = journey;
    const reasonsWith = async (campaign: object) => {
      await leadgate.configure(priced({ campaign, link: { payout: { mode: "fixed", amount: "18.00" } } }));
      return reasons((await sale(leadgate)).lines);
    };
    expect(await reasonsWith({ allow_loss: false })).toEqual(["below_payout", "outranked", "chosen"]);
    expect(await reasonsWith({ margin: { flat: "2.01" } })).toEqual([
      "below_payout",
      "below_payout",
      "chosen",
    ]);
    expect(await reasonsWith({ margin: { flat: "2.01" }, allow_loss: true })).toEqual([
      "outranked",
      "outranked",
      "chosen",
    ]);
    // Whoever sets both prices by hand is taken to mean them.
    expect(await reasonsWith({})).toEqual(["outranked", "outranked", "chosen"]);
  });

  test("a price in a ping-post campaign is never below the payout by itself", async () => {
    const { leadgate } = journey;
    await leadgate.configure(
      priced({ campaign: { mode: "ping_post" }, link: { payout: { mode: "fixed", amount: "30.01" } } }),
    );
    expect((await ping(leadgate)).body).toMatchObject({ accepted: false, reason: "no_buyer" });
  });
});

journeys("ping-post leads sent round again", (journey) => {
  test("a ping-post lead is sent round again by the bids that its ping was quoted, and by no others", async () => {
    const { leadgate } = journey;
    const document = (cap: number, price: string) =>
      aDocument({
        campaign: { mode: "ping_post" },
        link: { payout: { mode: "margin" } },
        contracts: {
          first: { status: "paused" },
          second: { status: "paused" },
          third: { price, caps: { total: { leads: cap } } },
        },
      });
    await leadgate.configure(document(1, "30.00"));
    const pings = [(await ping(leadgate)).body.ping_id, (await ping(leadgate)).body.ping_id];
    const [, unmatched] = [
      await leadgate.ingest("acme", aLead({ flo_ping_id: pings[0] })),
      await leadgate.ingest("acme", aLead({ flo_ping_id: pings[1] })),
    ];
    expect(unmatched.body.data.status).toBe("UNMATCHED");
    const { campaigns, ...rest } = document(2, "99.00");
    const [campaign] = campaigns ?? [];
    const buyers = (campaign?.buyers ?? []).map((contract) => ({ ...contract, status: "active" as const }));
    await leadgate.configure({ ...rest, campaigns: [{ ...campaign, buyers }] });
    // What its supplier was told is not how it ends.
    journey.expected = {};
    const again = await leadgate.admin("POST", `/leads/${unmatched.body.data.id}/redistribute`, {});
    expect(again.body.data).toMatchObject({ status: "ACCEPTED", buyer_id: "third", price: "30.00" });
  });
});
