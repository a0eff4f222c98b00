import { expect, test } from "bun:test";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { aDocument, type Leadgate } from "../support/leadgate.ts";
import { journeys, sendLead } from "./journeys.ts";

const PERIODS = ["hour", "day", "week", "month", "total"] as const;
type Level = "contract" | "buyer" | "supplier";

/** Tuesday, 22:30 in Kolkata, which is five and a half hours ahead of UTC. */
const EVENING = "2026-01-13T17:00:00.000Z";
const NEXT_PERIOD = {
  hour: "2026-01-13T17:30:00.000Z",
  day: "2026-01-13T18:30:00.000Z",
  week: "2026-01-18T18:30:00.000Z",
  month: "2026-01-31T18:30:00.000Z",
};

/** A campaign for each period, with one buyer; all parties but the capped one keep another zone's time. */
function cappedDocument(level: Level, cap: { leads: number } | { amount: string }): ConfigurationDocument {
  const caps = (period: string, of: Level) => (of === level ? { caps: { [period]: cap } } : {});
  const zone = (of: Level[]) => ({ timezone: of.includes(level) ? "Asia/Kolkata" : "America/Chicago" });
  const [acme] = aDocument().suppliers ?? [];
  return {
    version: 1,
    suppliers: [{ ...acme, ...zone(["supplier"]) }],
    buyers: PERIODS.map((period) => ({
      id: `buyer-${period}`,
      ...zone(["contract", "buyer"]),
      ...caps(period, "buyer"),
    })),
    campaigns: PERIODS.map((period) => ({
      id: `campaign-${period}`,
      timezone: "Pacific/Auckland",
      suppliers: [
        { supplier: "acme", payout: { mode: "fixed", amount: "4.00" }, ...caps(period, "supplier") },
      ],
      buyers: [{ buyer: `buyer-${period}`, price: "10.00", ...caps(period, "contract") }],
    })),
  };
}

async function oneBuyer(
  leadgate: Leadgate,
  over: { contract?: object; buyer?: object; link?: object; supplier?: object; campaign?: object },
): Promise<void> {
  const document = aDocument({
    ...(over.link && { link: over.link }),
    ...(over.supplier && { supplier: over.supplier }),
    ...(over.buyer && { buyers: { first: over.buyer } }),
  });
  const [campaign] = document.campaigns ?? [];
  const buyers = [{ buyer: "first", price: "10.00", ...over.contract }];
  await leadgate.configure({ ...document, campaigns: [{ ...campaign, buyers, ...over.campaign }] });
}

const to = async (leadgate: Leadgate) => (await sendLead(leadgate)).to;

journeys("caps", (journey) => {
  test.each([
    ["contract", "leads", { leads: 1 }],
    ["buyer", "leads", { leads: 1 }],
    ["supplier", "leads", { leads: 1 }],
    ["contract", "amount", { amount: "19.99" }],
    ["buyer", "amount", { amount: "10.00" }],
    ["supplier", "amount", { amount: "4.00" }],
  ] as const)(
    "a cap of a %s in %s holds until its clock's next hour, day, week or month begins",
    async (level, unit, cap) => {
      const { leadgate } = journey;
      await leadgate.configure(cappedDocument(level, cap));
      for (const period of PERIODS) {
        const send = () => sendLead(leadgate, { flo_campaign_id: `campaign-${period}` });
        const buyer = `buyer-${period}`;
        const full = {
          to: "UNMATCHED",
          passedOver: { [buyer]: { reason: `${level}_cap`, cap: { period, unit } } },
        };
        const next = period === "total" ? "2036-01-01T00:00:00.000Z" : NEXT_PERIOD[period];
        leadgate.clock.set(EVENING);
        expect((await send()).to).toBe(buyer);
        expect(await send()).toEqual(full);
        leadgate.clock.set(new Date(Date.parse(next) - 1).toISOString());
        expect(await send()).toEqual(full);
        leadgate.clock.set(next);
        if (period === "total") expect(await send()).toEqual(full);
        else expect((await send()).to).toBe(buyer);
        expect(await send()).toEqual(full);
      }
    },
  );

  test("a cap of a supplier without a zone of its own keeps the campaign's time", async () => {
    const { leadgate } = journey;
    await oneBuyer(leadgate, {
      link: { caps: { day: { leads: 1 } } },
      campaign: { timezone: "Asia/Kolkata" },
    });
    expect(await to(leadgate)).toBe("first");
    leadgate.clock.set("2026-01-13T18:29:59.999Z");
    expect(await to(leadgate)).toBe("UNMATCHED");
    leadgate.clock.set("2026-01-13T18:30:00.000Z");
    expect(await to(leadgate)).toBe("first");
  });

  test("a cap of an hour counts the hour that comes twice as two", async () => {
    const { leadgate } = journey;
    await oneBuyer(leadgate, { contract: { caps: { hour: { leads: 1 } } } });
    const course: [string, string][] = [
      ["2026-11-01T05:30:00.000Z", "first"], // 01:30, summer time
      ["2026-11-01T05:59:59.999Z", "UNMATCHED"],
      ["2026-11-01T06:00:00.000Z", "first"], // 01:00 again
      ["2026-11-01T06:59:59.999Z", "UNMATCHED"],
      ["2026-11-01T07:00:00.000Z", "first"], // 02:00
    ];
    for (const [at, expected] of course) {
      leadgate.clock.set(at);
      expect([at, await to(leadgate)]).toEqual([at, expected]);
    }
  });

  test("a cap of a day holds for the 25 hours of one and the 23 of another", async () => {
    const { leadgate } = journey;
    await oneBuyer(leadgate, { buyer: { caps: { day: { leads: 1 } } } });
    const course: [string, string][] = [
      ["2026-03-08T05:00:00.000Z", "first"],
      ["2026-03-09T03:59:59.999Z", "UNMATCHED"],
      ["2026-03-09T04:00:00.000Z", "first"],
      ["2026-11-01T04:00:00.000Z", "first"],
      ["2026-11-02T04:59:59.999Z", "UNMATCHED"],
      ["2026-11-02T05:00:00.000Z", "first"],
    ];
    for (const [at, expected] of course) {
      leadgate.clock.set(at);
      expect([at, await to(leadgate)]).toEqual([at, expected]);
    }
  });

  test("a cap does not begin again when the clock is set back into a period that has ended", async () => {
    const { leadgate } = journey;
    journey.expected.clockWentBack = true;
    await oneBuyer(leadgate, {
      contract: { caps: { hour: { leads: 2 } } },
      buyer: { caps: { day: { leads: 4 } } },
    });
    expect([await to(leadgate), await to(leadgate)]).toEqual(["first", "first"]);
    leadgate.clock.set("2026-01-13T18:00:00.000Z");
    expect(await to(leadgate)).toBe("first");
    leadgate.clock.set("2026-01-13T17:59:00.000Z");
    expect([await to(leadgate), await to(leadgate)]).toEqual(["first", "UNMATCHED"]);
    leadgate.clock.set("2026-01-12T12:00:00.000Z");
    expect(await to(leadgate)).toBe("UNMATCHED");
    leadgate.clock.set("2026-01-13T19:00:00.000Z");
    expect((await sendLead(leadgate)).passedOver).toEqual({
      first: { reason: "buyer_cap", cap: { period: "day", unit: "leads" } },
    });
  });

  test("a cap in money takes what still fits exactly, and no more", async () => {
    const { leadgate } = journey;
    const caps = { day: { amount: "25.00" } };
    await oneBuyer(leadgate, { contract: { price: "10.00", caps } });
    expect([await to(leadgate), await to(leadgate), await to(leadgate)]).toEqual([
      "first",
      "first",
      "UNMATCHED",
    ]);
    await oneBuyer(leadgate, { contract: { price: "5.0001", caps } });
    expect(await to(leadgate)).toBe("UNMATCHED");
    await oneBuyer(leadgate, { contract: { price: "5.00", caps } });
    expect([await to(leadgate), await to(leadgate)]).toEqual(["first", "UNMATCHED"]);
  });

  test("a cap of nothing lets nothing through", async () => {
    const { leadgate } = journey;
    await oneBuyer(leadgate, { contract: { caps: { total: { leads: 0 } } } });
    expect(await to(leadgate)).toBe("UNMATCHED");
    await oneBuyer(leadgate, { link: { caps: { total: { amount: "0" } } } });
    expect(await to(leadgate)).toBe("UNMATCHED");
  });

  test("a cap of a contract gives the lead to the next buyer, one of the supplier to nobody", async () => {
    const { leadgate } = journey;
    const cap = { period: "day", unit: "leads" };
    const contracts = { first: { caps: { day: { leads: 1 } } } };
    await leadgate.configure(aDocument({ contracts, link: { caps: { day: { leads: 2 } } } }));
    expect(await to(leadgate)).toBe("first");
    expect(await sendLead(leadgate)).toEqual({
      to: "second",
      passedOver: { first: { reason: "contract_cap", cap }, third: { reason: "outranked" } },
    });
    expect(await sendLead(leadgate)).toEqual({
      to: "UNMATCHED",
      passedOver: {
        first: { reason: "contract_cap", cap },
        second: { reason: "supplier_cap", cap },
        third: { reason: "supplier_cap", cap },
      },
    });
  });

  test("a cap counts what was sold before it was set, changed or moved to another zone", async () => {
    const { leadgate } = journey;
    await oneBuyer(leadgate, {});
    for (let i = 0; i < 3; i++) expect(await to(leadgate)).toBe("first");
    const day = (leads: number, timezone = "America/New_York") =>
      oneBuyer(leadgate, { buyer: { timezone, caps: { day: { leads } } } });
    await day(2);
    expect(await to(leadgate)).toBe("UNMATCHED");
    await day(4);
    expect([await to(leadgate), await to(leadgate)]).toEqual(["first", "UNMATCHED"]);
    leadgate.clock.set("2026-01-14T06:00:00.000Z");
    expect(await to(leadgate)).toBe("first");
    // In Honolulu it is still the evening of the day on which the first four were sold.
    await day(5, "Pacific/Honolulu");
    expect(await to(leadgate)).toBe("UNMATCHED");
    await day(2, "Europe/Berlin");
    expect([await to(leadgate), await to(leadgate)]).toEqual(["first", "UNMATCHED"]);
  });

  test("a cap of a buyer is one for all of its campaigns", async () => {
    const { leadgate } = journey;
    const document = aDocument({ buyers: { first: { caps: { day: { leads: 3 } } } } });
    const [campaign] = document.campaigns ?? [];
    const buyers = [{ buyer: "first", price: "10.00" }];
    const twin = (id: string) => ({ ...campaign, id, buyers });
    await leadgate.configure({ ...document, campaigns: [twin("solar"), twin("wind")] });
    const sent = async (flo_campaign_id: string) => (await sendLead(leadgate, { flo_campaign_id })).to;
    const course = [
      await sent("solar"),
      await sent("wind"),
      await sent("solar"),
      await sent("wind"),
      await sent("solar"),
    ];
    expect(course).toEqual(["first", "first", "first", "UNMATCHED", "UNMATCHED"]);
  });

  test("a cap holds on another server and after a restart", async () => {
    const { leadgate } = journey;
    await oneBuyer(leadgate, { contract: { caps: { day: { leads: 2 } } } });
    const other = leadgate.another();
    expect([await to(leadgate), await to(other), await to(leadgate)]).toEqual([
      "first",
      "first",
      "UNMATCHED",
    ]);
    await leadgate.server.stop();
    expect(await to(leadgate.another())).toBe("UNMATCHED");
  });
});
