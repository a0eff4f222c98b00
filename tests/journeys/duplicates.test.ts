import { describe, expect, test } from "bun:test";
import { aDocument, aLead, type Leadgate } from "../support/leadgate.ts";
import { journeys, sendLead } from "./journeys.ts";

const DAY = 86_400_000;

type Contract = NonNullable<NonNullable<Parameters<typeof aDocument>[0]>["contracts"]>[string];

async function status(leadgate: Leadgate, over: object = {}): Promise<string> {
  return (await leadgate.ingest("acme", aLead({ ...over }))).body.data.status;
}

journeys("duplicates", (journey) => {
  describe("rejecting", () => {
    test("a duplicate is a lead that agrees in phone or e-mail, however each is written", async () => {
      const { leadgate } = journey;
      await leadgate.configure(aDocument());
      await leadgate.ingest("acme", aLead({ phone: "5125550171", email: "grace@example.com" }));
      expect(await status(leadgate, { phone: "+1 (512) 555-0171" })).toBe("DUPLICATE");
      expect(await status(leadgate, { email: " Grace@EXAMPLE.com" })).toBe("DUPLICATE");
      expect(await status(leadgate)).toBe("ACCEPTED");
    });

    test("a lead of one campaign makes no duplicate in another", async () => {
      const { leadgate } = journey;
      const document = aDocument();
      const [campaign] = document.campaigns ?? [];
      await leadgate.configure({ ...document, campaigns: [{ ...campaign }, { ...campaign, id: "wind" }] });
      const lead = aLead();
      await leadgate.ingest("acme", lead);
      expect(await status(leadgate, { ...lead, flo_campaign_id: "wind" })).toBe("ACCEPTED");
    });

    test("duplicates go by the fields that the campaign names, custom ones too, and an empty one never matches", async () => {
      const { leadgate } = journey;
      const fields = [
        { name: "policy", type: "text" as const },
        { name: "homeowner", type: "boolean" as const },
        { name: "roof_age", type: "integer" as const },
      ];
      const rule = (...named: string[]) => aDocument({ campaign: { fields, duplicates: { fields: named } } });
      await leadgate.configure(rule("policy", "homeowner", "roof_age"));
      const lead = aLead();
      expect(await status(leadgate, lead)).toBe("ACCEPTED");
      expect(await status(leadgate, { ...lead, policy: "AB-1" })).toBe("ACCEPTED");
      expect(await status(leadgate, { ...lead, policy: "" })).toBe("ACCEPTED");
      expect(await status(leadgate, { policy: " ab-1 " })).toBe("DUPLICATE");
      expect(await status(leadgate, { homeowner: false, roof_age: 0 })).toBe("ACCEPTED");
      expect(await status(leadgate, { homeowner: "no" })).toBe("DUPLICATE");
      expect(await status(leadgate, { roof_age: "0" })).toBe("DUPLICATE");
      await leadgate.configure(rule("phone"));
      expect(await status(leadgate, { phone: lead["phone"] })).toBe("DUPLICATE");
      expect(await status(leadgate, { email: lead["email"] })).toBe("ACCEPTED");
    });

    test("no lead is a duplicate when no field is named", async () => {
      const { leadgate } = journey;
      await leadgate.configure(aDocument({ campaign: { duplicates: { fields: [] } } }));
      const lead = aLead();
      expect([await status(leadgate, lead), await status(leadgate, lead)]).toEqual(["ACCEPTED", "ACCEPTED"]);
    });

    test("a lead is a duplicate until the window is over, to the millisecond, counted from the last accepted lead", async () => {
      const { leadgate } = journey;
      await leadgate.configure(aDocument({ campaign: { duplicates: { window_days: 2 } } }));
      const lead = aLead();
      expect(await status(leadgate, lead)).toBe("ACCEPTED");
      leadgate.clock.pass(2 * DAY - 1);
      expect(await status(leadgate, lead)).toBe("DUPLICATE");
      leadgate.clock.pass(1);
      expect(await status(leadgate, lead)).toBe("ACCEPTED");
      leadgate.clock.pass(DAY);
      expect(await status(leadgate, lead)).toBe("DUPLICATE");
    });

    test("a lead is a duplicate for as long as the window in force says, also for leads from before", async () => {
      const { leadgate } = journey;
      const windowOf = (window_days: number) => aDocument({ campaign: { duplicates: { window_days } } });
      await leadgate.configure(windowOf(1));
      const lead = aLead();
      expect(await status(leadgate, lead)).toBe("ACCEPTED");
      leadgate.clock.pass(5 * DAY);
      await leadgate.configure(windowOf(10));
      expect(await status(leadgate, lead)).toBe("DUPLICATE");
      await leadgate.configure(windowOf(5));
      expect(await status(leadgate, lead)).toBe("ACCEPTED");
    });

    test("a duplicate of a lead that nobody bought counts only where the campaign says so", async () => {
      const { leadgate } = journey;
      const ruled = (count_unmatched: boolean) =>
        aDocument({ campaign: { duplicates: { count_unmatched }, buyers: [] } });
      await leadgate.configure(ruled(false));
      const lead = aLead();
      expect([await status(leadgate, lead), await status(leadgate, lead)]).toEqual([
        "UNMATCHED",
        "UNMATCHED",
      ]);
      await leadgate.configure(ruled(true));
      expect([await status(leadgate, lead), await status(leadgate, aLead())]).toEqual([
        "DUPLICATE",
        "UNMATCHED",
      ]);
      await leadgate.configure(ruled(false));
      expect(await status(leadgate, lead)).toBe("UNMATCHED");
    });

    test("a duplicate of a lead that was rejected or was a duplicate itself does not count", async () => {
      const { leadgate } = journey;
      const filters = { field: "state", op: "eq" as const, value: "TX" };
      await leadgate.configure(aDocument({ campaign: { filters } }));
      const phone = "5125550172";
      expect(await status(leadgate, { phone, state: "OK" })).toBe("REJECTED");
      expect(await status(leadgate, { phone })).toBe("ACCEPTED");
      const email = "twice@example.com";
      expect(await status(leadgate, { phone, email })).toBe("DUPLICATE");
      expect(await status(leadgate, { email })).toBe("ACCEPTED");
    });

    test("a duplicate within the leads that are decided together is found as well", async () => {
      const { leadgate } = journey;
      await leadgate.configure(aDocument());
      await leadgate.ingest("acme", aLead());
      const lead = aLead();
      const replies = await Promise.all([lead, lead, lead].map((each) => leadgate.ingest("acme", each)));
      expect(replies.map(({ body }) => body.data.status)).toEqual(["ACCEPTED", "DUPLICATE", "DUPLICATE"]);
    });
  });

  describe("routing to the original buyer", () => {
    const toOriginal = { duplicates: { action: "route_to_original" as const } };

    test("a duplicate goes to its original buyer before all others, at today's price, and names the lead it repeats", async () => {
      const { leadgate } = journey;
      const rotating = { ...toOriginal, distribution: "round_robin" as const };
      await leadgate.configure(aDocument({ campaign: rotating }));
      const lead = aLead();
      const original = await leadgate.ingest("acme", lead);
      expect(original.body.data.buyer_id).toBe("first");
      await leadgate.configure(aDocument({ campaign: rotating, contracts: { first: { price: "12.50" } } }));
      const again = await leadgate.ingest("acme", lead);
      expect(again.body.data).toMatchObject({ status: "ACCEPTED", buyer_id: "first", duplicate: true });
      const { body } = await leadgate.admin("GET", `/leads/${again.body.data.id}`);
      expect(body.data).toMatchObject({
        reason: "routed_to_original",
        duplicate_of: original.body.data.id,
        price: "12.50",
      });
      expect(body.data.trace.slice(-2)).toEqual([
        {
          check: "duplicates",
          result: "passed",
          detail: { duplicate_of: original.body.data.id, reason: "route_to_original" },
        },
        {
          check: "buyers",
          result: "passed",
          method: "original_buyer",
          buyers: [
            { buyer_id: "first", chosen: true },
            { buyer_id: "second", reason: "not_the_original_buyer" },
            { buyer_id: "third", reason: "not_the_original_buyer" },
          ],
        },
      ]);
    });

    test("a duplicate that goes to its original buyer is none to that buyer's own window", async () => {
      const { leadgate } = journey;
      const buyers = { first: { duplicates: { fields: ["phone"], window_days: 30 } } };
      await leadgate.configure(aDocument({ campaign: toOriginal, buyers }));
      const lead = aLead();
      await leadgate.ingest("acme", lead);
      expect((await leadgate.ingest("acme", lead)).body.data).toMatchObject({
        status: "ACCEPTED",
        buyer_id: "first",
      });
    });

    test("a duplicate is turned away with the reason when its original buyer can no longer take it", async () => {
      const { leadgate } = journey;
      const lead = aLead();
      await leadgate.configure(aDocument({ campaign: toOriginal }));
      const original = await leadgate.ingest("acme", lead);
      const cap = { period: "day", unit: "leads" };
      const changes: [Contract, { reason: string; cap?: object }][] = [
        [{ status: "paused" }, { reason: "contract_paused" }],
        [{ caps: { day: { leads: 1 } } }, { reason: "contract_cap", cap }],
        [{ states: ["OK"] }, { reason: "state_not_listed" }],
      ];
      for (const [change, why] of changes) {
        await leadgate.configure(aDocument({ campaign: toOriginal, contracts: { first: change } }));
        expect(await sendLead(leadgate, lead)).toMatchObject({ to: "DUPLICATE", passedOver: { first: why } });
        const { body } = await leadgate.admin("GET", "/leads?status=DUPLICATE&limit=1");
        expect(body.data[0]).toMatchObject({ reason: why.reason, duplicate_of: original.body.data.id });
      }
      const others = aDocument().campaigns?.[0]?.buyers?.filter(({ buyer }) => buyer !== "first") ?? [];
      await leadgate.configure(aDocument({ campaign: { ...toOriginal, buyers: others } }));
      expect(await sendLead(leadgate, lead)).toEqual({
        to: "DUPLICATE",
        passedOver: {
          second: { reason: "not_the_original_buyer" },
          third: { reason: "not_the_original_buyer" },
        },
      });
      const { body } = await leadgate.admin("GET", "/leads?status=DUPLICATE&limit=1");
      expect(body.data[0].reason).toBe("no_contract");
    });

    test("a duplicate goes to nobody where its original buyer alone pays less than the fixed payout of a shared lead", async () => {
      const { leadgate } = journey;
      const shared = { campaign: { ...toOriginal, max_sells: 2, allow_loss: false } };
      const payout = { mode: "fixed" as const, amount: "25.00" };
      await leadgate.configure(aDocument({ ...shared, link: { payout } }));
      const lead = aLead();
      expect((await leadgate.ingest("acme", lead)).body.data.status).toBe("ACCEPTED");
      const { to, passedOver } = await sendLead(leadgate, lead);
      expect([to, passedOver["first"]]).toEqual(["DUPLICATE", { reason: "below_payout" }]);
      await leadgate.configure(
        aDocument({ campaign: { ...shared.campaign, allow_loss: true }, link: { payout } }),
      );
      expect(await sendLead(leadgate, lead)).toMatchObject({ to: "first" });
    });

    test("a duplicate of a lead that nobody bought has no original buyer to go to", async () => {
      const { leadgate } = journey;
      const rule = { duplicates: { ...toOriginal.duplicates, count_unmatched: true } };
      await leadgate.configure(aDocument({ campaign: { ...rule, buyers: [] } }));
      const lead = aLead();
      expect(await status(leadgate, lead)).toBe("UNMATCHED");
      await leadgate.configure(aDocument({ campaign: rule }));
      const why = { reason: "no_original_buyer" };
      expect(await sendLead(leadgate, lead)).toEqual({
        to: "DUPLICATE",
        passedOver: { first: why, second: why, third: why },
      });
      const { body } = await leadgate.admin("GET", "/leads?status=DUPLICATE&limit=1");
      expect(body.data[0].reason).toBe("no_original_buyer");
    });
  });
});
