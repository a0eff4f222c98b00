import { expect, test } from "bun:test";
import type { Database } from "#database/database.ts";
import { readSummedUntil, sumUpNextDay } from "#ledger/figure-day-records.ts";
import { aDocument, aLead, type Leadgate } from "../support/leadgate.ts";
import { journeys } from "./journeys.ts";

type Campaign = NonNullable<ReturnType<typeof aDocument>["campaigns"]>[number];

/** `solar` in dollars as everywhere, and `roofs` in yen, of the same supplier and buyers. */
function twoCurrencies(solar: Partial<Campaign> = {}) {
  const document = aDocument({ campaign: solar });
  const [campaign] = document.campaigns ?? [];
  const roofs = { ...aDocument().campaigns?.[0], id: "roofs", name: "Roofs", currency: "JPY" };
  return { ...document, campaigns: [campaign, roofs] as Campaign[] };
}

const MOSTLY_NOTHING = new Set([
  "unmatched",
  "rejected",
  "duplicates",
  "refused",
  "returned",
  "sold",
  "refunds",
  "costs",
  "margin_percent",
]);

journeys("profit and loss", (journey) => {
  const report = async (query: string, leadgate: Leadgate = journey.leadgate) =>
    (await leadgate.admin("GET", `/reports/pnl?${query}`)).body.data;
  const send = (over: Record<string, unknown> = {}) => journey.leadgate.ingest("acme", aLead(over));
  const told = (row: Record<string, unknown>) =>
    Object.entries(row)
      .filter(([name]) => !MOSTLY_NOTHING.has(name))
      .map(([, value]) => value)
      .join(" ");

  test("the profit and loss report adds up what was sold, by whatever it is asked for, and no currency to another", async () => {
    await journey.leadgate.configure(twoCurrencies({ duplicates: { window_days: 30 } }));
    await send({ source: "search" });
    const twice = { source: "mail", phone: "5125550123", email: "twice@example.com" };
    await send(twice);
    await send(twice);
    await send({ flo_campaign_id: "roofs" });
    const all = await report("from=2026-01-13&to=2026-01-13");
    expect(all.rows).toEqual(all.totals);
    expect(all.totals).toMatchObject([
      { currency: "JPY", leads: 1, accepted: 1, sales: 1, revenue: "10", payouts: "5", profit: "5" },
      {
        currency: "USD",
        leads: 3,
        accepted: 2,
        unmatched: 0,
        rejected: 0,
        duplicates: 1,
        sales: 2,
        refused: 0,
        returned: 0,
        sold: "20.00",
        refunds: "0.00",
        revenue: "20.00",
        payouts: "10.00",
        costs: "0.00",
        profit: "10.00",
        margin_percent: 50,
      },
    ]);
    const by = await report("from=2026-01-13&to=2026-01-13&group_by=campaign,supplier,buyer,source,day");
    expect(by.rows.map(told)).toEqual([
      "roofs acme first  2026-01-13 JPY 1 1 1 10 5 5",
      "solar acme first mail 2026-01-13 USD 1 1 1 10.00 5.00 5.00",
      "solar acme first search 2026-01-13 USD 1 1 1 10.00 5.00 5.00",
      "solar acme  mail 2026-01-13 USD 1 0 0 0.00 0.00 0.00",
    ]);
    expect(by.totals).toEqual(all.totals);
  });

  test("the profit and loss report counts a lead once and each of its sales, when several buyers have it", async () => {
    await journey.leadgate.configure(aDocument({ campaign: { distribution: "highest_bid", max_sells: 2 } }));
    const sold = await send();
    const { sales } = (await journey.leadgate.admin("GET", `/leads/${sold.body.data.id}`)).body.data;
    const { rows, totals } = await report("from=2026-01-13&to=2026-01-13&group_by=buyer");
    expect(rows.map(told)).toEqual([
      `second USD 0 0 1 20.00 ${sales[1].payout} ${(20 - sales[1].payout).toFixed(2)}`,
      `third USD 1 1 1 30.00 ${sales[0].payout} ${(30 - sales[0].payout).toFixed(2)}`,
    ]);
    expect(totals).toMatchObject([{ leads: 1, accepted: 1, sales: 2, revenue: "50.00" }]);
  });

  test("the profit and loss report counts days in the time zone that it is asked for, and moments as they are", async () => {
    await journey.leadgate.configure(aDocument());
    journey.leadgate.clock.set("2026-01-14T04:30:00.000Z");
    await send();
    journey.leadgate.clock.set("2026-01-14T05:00:00.000Z");
    await send();
    const days = async (query: string) => (await report(query)).rows.map(told);
    expect(await days("from=2026-01-13&to=2026-01-14&group_by=day&timezone=America/New_York")).toEqual([
      "2026-01-13 USD 1 1 1 10.00 5.00 5.00",
      "2026-01-14 USD 1 1 1 10.00 5.00 5.00",
    ]);
    expect(await days("from=2026-01-14&to=2026-01-14&timezone=America/New_York")).toHaveLength(1);
    expect(await days("from=2026-01-13&to=2026-01-14&group_by=day")).toEqual([
      "2026-01-14 USD 2 2 2 20.00 10.00 10.00",
    ]);
    const until = "from=2026-01-14T04:30:00Z&to=2026-01-14T05:00:00Z";
    expect(await days(until)).toEqual(["USD 1 1 1 10.00 5.00 5.00"]);
    expect(await report("from=2026-01-15")).toMatchObject({ rows: [], totals: [] });
  });

  test("the profit and loss report leaves test leads out unless they are wanted", async () => {
    await journey.leadgate.configure(aDocument({ supplier: { test_mode: true } }));
    await send();
    expect((await report("from=2026-01-13&to=2026-01-13")).rows).toEqual([]);
    expect((await report("from=2026-01-13&to=2026-01-13&include_test=true")).rows).toMatchObject([
      { leads: 1 },
    ]);
  });

  test("the profit and loss report is given as CSV or as lines to whoever prefers that", async () => {
    await journey.leadgate.configure(aDocument());
    await send({ source: "=1+1" });
    const asked = "/reports/pnl?from=2026-01-13&to=2026-01-13&group_by=buyer,source";
    const csv = await journey.leadgate.admin("GET", `${asked}&format=csv`);
    expect(csv.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    const sums = "USD,1,1,0,0,0,1,0,0,10.00,0.00,10.00,5.00,0.00,5.00,50";
    expect(csv.body.trimEnd().split("\r\n")).toEqual([
      "buyer_id,source,currency,leads,accepted,unmatched,rejected,duplicates,sales,refused,returned,sold,refunds,revenue,payouts,costs,profit,margin_percent",
      `first,'=1+1,${sums}`,
      `total,,${sums}`,
    ]);
    const lines = await journey.leadgate.admin("GET", asked, undefined, { accept: "application/x-ndjson" });
    expect(JSON.parse(lines.body)).toMatchObject({ buyer_id: "first", source: "=1+1", profit: "5.00" });
  });

  test("the profit and loss report is of one campaign, supplier, buyer or source where that is asked for", async () => {
    await journey.leadgate.configure(twoCurrencies());
    await send({ source: "search" });
    await send({ source: "mail" });
    await send({ flo_campaign_id: "roofs" });
    const leads = async (query: string) =>
      (await report(`from=2026-01-13&${query}`)).totals.map((row: Record<string, unknown>) => row["leads"]);
    expect(await leads("campaign=roofs")).toEqual([1]);
    expect(await leads("campaign=solar&source=mail")).toEqual([1]);
    expect(await leads("supplier=acme&buyer=first&campaign=solar")).toEqual([2]);
    expect(await leads("buyer=second")).toEqual([]);
    const unknown = await journey.leadgate.admin("GET", "/reports/pnl?from=2026-01-13&campaign=solr");
    expect(unknown.body.field_errors).toMatchObject([
      { field: "campaign", message: "there is no such campaign; did you mean solar?" },
    ]);
  });

  test("the profit and loss report counts hours, weeks and months on the clock of its time zone, and the hour that comes twice as two", async () => {
    await journey.leadgate.configure(aDocument());
    for (const at of ["2026-11-01T05:30:00.000Z", "2026-11-01T06:30:00.000Z"]) {
      journey.leadgate.clock.set(at);
      await send();
    }
    const groups = async (query: string) =>
      (await report(`from=2026-10-31&to=2026-11-02&timezone=America/New_York&${query}`)).rows.map(
        ({ hour, week, month, leads }: Record<string, unknown>) => [hour, week, month, leads],
      );
    const expected = [
      ["2026-11-01T01:00-04:00", "2026-W44", "2026-11", 1],
      ["2026-11-01T01:00-05:00", "2026-W44", "2026-11", 1],
    ];
    expect(await groups("group_by=hour,week,month")).toEqual(expected);
    expect(await groups("group_by=hour,week,month,state")).toEqual(expected);
  });

  test("the profit and loss report by the hourly figures says what the leads and sales themselves say, also after leads went to others", async () => {
    await journey.leadgate.configure(aDocument({ campaign: { max_sells: 2, distribution: "round_robin" } }));
    const ids: string[] = [];
    for (let hour = 0; hour < 30; hour += 1) {
      journey.leadgate.clock.set(
        new Date(Date.parse("2026-01-13T12:30:00.000Z") + hour * 3_600_000).toISOString(),
      );
      const sent = await send({ source: `s${hour % 3}`, phone: `51255501${String(hour).padStart(2, "0")}` });
      ids.push(sent.body.data.id);
      if (hour % 5 === 0) await journey.leadgate.admin("POST", `/leads/${sent.body.data.id}/redistribute`);
    }
    const asked =
      "from=2026-01-13&to=2026-01-15&timezone=America/New_York&group_by=campaign,supplier,buyer,hour";
    const kept = await report(asked);
    // The source of no lead is asked for, so the same is read from what is on record.
    const plain = await report(`${asked},sub_id`);
    expect(plain.rows).toEqual(kept.rows.map((row: object) => ({ ...row, sub_id: null })));
    expect(plain.totals).toEqual(kept.totals);
    expect(kept.rows.length).toBeGreaterThan(20);
    const { leadgate, database } = journey;
    leadgate.clock.set("2026-01-17T02:00:00.000Z");
    while (await sumUpNextDay(database, leadgate.clock.now())) continue;
    expect(await database.read(readSummedUntil)).toBe(Date.parse("2026-01-15T00:00:00Z"));
    // What is decided once more now is counted in the hour in which it was first, and so in its day.
    await leadgate.admin("POST", `/leads/${ids[3]}/redistribute`);
    for (const query of ["group_by=campaign,day", "timezone=Asia/Tokyo&group_by=supplier,buyer,month"]) {
      const byDay = await report(`from=2026-01-13&to=2026-01-17&${query}`);
      const byLead = await report(`from=2026-01-13&to=2026-01-17&${query},sub_id`);
      expect(byLead.rows).toEqual(byDay.rows.map((row: object) => ({ ...row, sub_id: null })));
      expect(byLead.totals).toEqual(byDay.totals);
    }
  });

  test("a day is summed up by itself although a lead came for one before it while its turn was found", async () => {
    const { leadgate, database } = journey;
    journey.expected = { ...journey.expected, clockWentBack: true };
    await leadgate.configure(aDocument());
    leadgate.clock.set("2026-01-15T12:00:00.000Z");
    await leadgate.ingest("acme", aLead());
    const now = new Date("2026-01-17T02:00:00.000Z");
    const overtaken: Database = {
      ...database,
      async write(work) {
        leadgate.clock.set("2026-01-13T12:00:00.000Z");
        await leadgate.ingest("acme", aLead());
        return await database.write(work);
      },
    };
    expect(await sumUpNextDay(overtaken, now)).toBe(true);
    expect(await database.read(readSummedUntil)).toBe(Date.parse("2026-01-14T00:00:00Z"));
    expect(await sumUpNextDay(database, now)).toBe(true);
    expect(await database.read(readSummedUntil)).toBe(Date.parse("2026-01-16T00:00:00Z"));
    expect(await sumUpNextDay(database, now)).toBe(false);
  });

  test("the number of leads over time is told by bucket and by what it is grouped by", async () => {
    await journey.leadgate.configure(aDocument({ campaign: { duplicates: { window_days: 30 } } }));
    const twice = { phone: "5125550123", email: "twice@example.com" };
    await send(twice);
    await send(twice);
    journey.leadgate.clock.set("2026-01-14T05:10:00.000Z");
    await send({ phone: "5125550177", email: "other@example.com" });
    const counts = async (query: string) =>
      (
        await journey.leadgate.admin("GET", `/reports/leads?from=2026-01-13&to=2026-01-14&${query}`)
      ).body.data.rows.map((row: Record<string, unknown>) => Object.values(row).join(" "));
    expect(await counts("bucket=day&group_by=status")).toEqual([
      "2026-01-13T00:00+00:00 ACCEPTED 1",
      "2026-01-13T00:00+00:00 DUPLICATE 1",
      "2026-01-14T00:00+00:00 ACCEPTED 1",
    ]);
    expect(await counts("bucket=hour&timezone=America/New_York&campaign=solar")).toContain(
      "2026-01-14T00:00-05:00 1",
    );
    const refused = await journey.leadgate.admin(
      "GET",
      "/reports/leads?from=2026-01-01&to=2026-01-31&bucket=minute",
    );
    expect(refused.body.field_errors).toMatchObject([{ field: "to" }]);
  });

  test("the profit and loss report says what is wrong with what it was asked", async () => {
    const errors = async (query: string) => {
      const reply = await journey.leadgate.admin("GET", `/reports/pnl?${query}`);
      return [reply.status, ...reply.body.field_errors.map((error: { field: string }) => error.field)];
    };
    expect(await errors("")).toEqual([400, "from"]);
    expect(await errors("from=2026-02-30")).toEqual([400, "from"]);
    expect(await errors("from=2024-01-01&to=2026-01-01")).toEqual([400, "to"]);
    expect(await errors("from=2026-01-01&group_by=buyer,buyer")).toEqual([400, "group_by"]);
    expect(await errors("from=2026-01-01&group_by=lead&timezone=Mars&format=xml&since=1")).toEqual([
      400,
      "since",
      "timezone",
      "group_by",
      "format",
    ]);
  });
});
