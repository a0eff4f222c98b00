import { describe, expect, test } from "bun:test";
import { aDocument, aLead, type Leadgate } from "../support/leadgate.ts";
import { journeys, sendLead } from "./journeys.ts";

async function deposit(leadgate: Leadgate, buyer: string, amount: string): Promise<void> {
  expect((await leadgate.admin("POST", `/buyers/${buyer}/deposits`, { amount })).status).toBe(201);
}

const hashed = (algorithm: "sha256" | "md5", text: string) =>
  new Bun.CryptoHasher(algorithm).update(text).digest("hex");

const PHONE_SPELLINGS = ["+15125550188", "15125550188", "5125550188"];
const ENTRIES: [string, Record<string, string>][] = [
  ["a phone", { phone: "(512) 555-0188" }],
  ["an e-mail", { email: "Ada.Lovelace@Example.com" }],
  ["the SHA-256 of an e-mail", { email_sha256: hashed("sha256", "ada.lovelace@example.com") }],
  [
    "the MD5 of an e-mail in upper case",
    { email_md5: hashed("md5", "ada.lovelace@example.com").toUpperCase() },
  ],
  ...PHONE_SPELLINGS.flatMap((spelling): [string, Record<string, string>][] => [
    [`the SHA-256 of ${spelling}`, { phone_sha256: hashed("sha256", spelling) }],
    [`the MD5 of ${spelling}`, { phone_md5: hashed("md5", spelling) }],
  ]),
];

journeys("eligibility", (journey) => {
  describe("passing over", () => {
    test("a buyer is passed over outside its schedule, by its own wall clock", async () => {
      const { leadgate } = journey;
      const schedule = { tue: ["09:00-17:00"], sun: ["01:30-03:00"] };
      const contracts = { first: { schedule } };
      await leadgate.configure(aDocument({ contracts, buyers: { first: { timezone: "America/New_York" } } }));
      const course: [string, string][] = [
        ["2026-01-13T13:59:59.999Z", "second"],
        ["2026-01-13T14:00:00.000Z", "first"], // 09:00 in winter
        ["2026-01-13T21:59:59.999Z", "first"],
        ["2026-01-13T22:00:00.000Z", "second"],
        ["2026-07-14T13:00:00.000Z", "first"], // 09:00 in summer
        ["2026-07-14T21:00:00.000Z", "second"],
        ["2026-07-15T15:00:00.000Z", "second"], // a Wednesday
        ["2026-03-08T06:59:00.000Z", "first"], // 01:59, a minute before clocks go forward
        ["2026-03-08T07:00:00.000Z", "second"], // 03:00
        ["2026-11-01T05:30:00.000Z", "first"], // 01:30 in summer time
        ["2026-11-01T06:15:00.000Z", "second"], // 01:15 in winter time
        ["2026-11-01T06:30:00.000Z", "first"], // 01:30 once more
      ];
      for (const [at, expected] of course) {
        leadgate.clock.set(at);
        expect([at, (await sendLead(leadgate)).to]).toEqual([at, expected]);
      }
    });

    test("a buyer is passed over for a state that it does not list, or that it excludes, written in any case", async () => {
      const { leadgate } = journey;
      const contracts = { first: { states: ["tx", "ok"] }, second: { exclude_states: ["nm"] } };
      await leadgate.configure(aDocument({ contracts }));
      expect(await sendLead(leadgate, { state: "ok" })).toMatchObject({ to: "first" });
      expect(await sendLead(leadgate, { state: "NM" })).toEqual({
        to: "third",
        passedOver: { first: { reason: "state_not_listed" }, second: { reason: "state_excluded" } },
      });
      expect(await sendLead(leadgate, { state: undefined })).toEqual({
        to: "second",
        passedOver: { first: { reason: "state_not_listed" }, third: { reason: "outranked" } },
      });
    });

    test("a buyer is passed over when its filter does not pass, with the rules that failed", async () => {
      const { leadgate } = journey;
      const filters = {
        all: [
          { field: "roof_age", op: "lt" as const, value: 15 },
          { field: "source", op: "eq" as const, value: "web" },
        ],
      };
      const fields = [{ name: "roof_age", type: "integer" as const }];
      await leadgate.configure(aDocument({ campaign: { fields }, contracts: { first: { filters } } }));
      expect(await sendLead(leadgate, { roof_age: 14, source: "WEB" })).toMatchObject({ to: "first" });
      expect(await sendLead(leadgate, { roof_age: 15 })).toMatchObject({
        to: "second",
        passedOver: { first: { reason: "filtered", rules: ["all[0]", "all[1]"] } },
      });
    });

    test("a buyer is passed over while it or its contract is paused", async () => {
      const { leadgate } = journey;
      const paused = { status: "paused" as const };
      await leadgate.configure(aDocument({ contracts: { first: paused }, buyers: { second: paused } }));
      expect(await sendLead(leadgate)).toEqual({
        to: "third",
        passedOver: { first: { reason: "contract_paused" }, second: { reason: "buyer_paused" } },
      });
    });

    test("a buyer is passed over silently for a person on its own suppression list", async () => {
      const { leadgate } = journey;
      const more = { suppression_lists: [{ id: "customers" }] };
      await leadgate.configure(aDocument({ buyers: { first: { suppression_lists: ["customers"] } }, more }));
      const person = { email: "customer@example.com" };
      await leadgate.admin("POST", "/suppression-lists/customers/entries", { entries: [person] });
      expect(await sendLead(leadgate, { email: "Customer@Example.com" })).toEqual({
        to: "second",
        passedOver: { first: { reason: "suppressed", list: "customers" }, third: { reason: "outranked" } },
      });
    });

    test("a buyer is passed over for a person that it received before in any campaign, within its own window", async () => {
      const { leadgate } = journey;
      const buyers = { first: { duplicates: { fields: ["phone"], window_days: 10 } } };
      const document = aDocument({ buyers });
      const [campaign] = document.campaigns ?? [];
      const solar = { ...campaign, duplicates: { window_days: 1 } };
      await leadgate.configure({ ...document, campaigns: [solar, { ...solar, id: "wind" }] });
      const phone = "5125550161";
      const { body } = await leadgate.ingest("acme", aLead({ phone }));
      expect(body.data.buyer_id).toBe("first");
      const inWind = { flo_campaign_id: "wind", phone: "+1 512 555-0161" };
      expect(await sendLead(leadgate, inWind)).toMatchObject({
        to: "second",
        passedOver: { first: { reason: "buyer_duplicate", of: body.data.id } },
      });
      leadgate.clock.pass(10 * 86_400_000 - 1);
      expect((await sendLead(leadgate, { phone })).to).toBe("second");
      leadgate.clock.pass(1);
      expect((await sendLead(leadgate, inWind)).to).toBe("first");
      expect((await sendLead(leadgate, { phone: "5125550162" })).to).toBe("first");
    });

    test("a buyer is passed over for the first of its reasons, in the order in which they are asked", async () => {
      const { leadgate } = journey;
      const all = {
        status: "paused" as const,
        schedule: { mon: ["09:00-10:00"] },
        states: ["OK"],
        filters: { field: "source", op: "eq" as const, value: "web" },
        caps: { total: { leads: 0 } },
      };
      const { status: _, ...scheduled } = all;
      const { schedule: _schedule, ...stated } = scheduled;
      await leadgate.configure(aDocument({ contracts: { first: all, second: scheduled, third: stated } }));
      expect((await sendLead(leadgate)).passedOver).toEqual({
        first: { reason: "contract_paused" },
        second: { reason: "outside_schedule" },
        third: { reason: "state_not_listed" },
      });
      const { states: _states, ...filtered } = stated;
      const { filters: _filters, ...capped } = filtered;
      await leadgate.configure(aDocument({ contracts: { first: filtered, second: capped, third: all } }));
      expect((await sendLead(leadgate)).passedOver).toMatchObject({
        first: { reason: "filtered" },
        second: { reason: "contract_cap" },
        third: { reason: "contract_paused" },
      });
    });
  });

  describe("money", () => {
    const passedOver = { first: { reason: "insufficient_funds" } };

    test("money in a buyer's wallet lasts to the last cent, over all of its campaigns", async () => {
      const { leadgate } = journey;
      const document = aDocument({ buyers: { first: { billing: { mode: "wallet" } } } });
      const [campaign] = document.campaigns ?? [];
      const buyers = [{ buyer: "first", price: "10.00" }];
      await leadgate.configure({
        ...document,
        campaigns: [
          { ...campaign, buyers },
          { ...campaign, id: "wind", buyers },
        ],
      });
      expect(await sendLead(leadgate)).toEqual({ to: "UNMATCHED", passedOver });
      await deposit(leadgate, "first", "29.9999");
      expect((await sendLead(leadgate)).to).toBe("first");
      expect((await sendLead(leadgate, { flo_campaign_id: "wind" })).to).toBe("first");
      expect(await sendLead(leadgate)).toEqual({ to: "UNMATCHED", passedOver });
      await deposit(leadgate, "first", "0.0001");
      expect((await sendLead(leadgate, { flo_campaign_id: "wind" })).to).toBe("first");
      expect((await sendLead(leadgate)).to).toBe("UNMATCHED");
      journey.expected.deposits = { first: "30.0000" };
    });

    test("a buyer on credit may owe up to the limit", async () => {
      const { leadgate } = journey;
      const credit = (limit: string) =>
        aDocument({ buyers: { first: { billing: { mode: "credit", limit } } } });
      await leadgate.configure(credit("20.00"));
      const course = [];
      for (let i = 0; i < 3; i++) course.push((await sendLead(leadgate)).to);
      expect(course).toEqual(["first", "first", "second"]);
      await leadgate.configure(credit("30.00"));
      expect((await sendLead(leadgate)).to).toBe("first");
      expect((await sendLead(leadgate)).passedOver).toMatchObject(passedOver);
      journey.expected.deposits = { first: "0" };
    });

    test("a buyer that was billed by hand owes what it was sold when it gets credit", async () => {
      const { leadgate } = journey;
      const caps = { day: { leads: 100 } };
      await leadgate.configure(aDocument({ buyers: { first: { caps } } }));
      for (let i = 0; i < 3; i++) expect((await sendLead(leadgate)).to).toBe("first");
      const billing = { mode: "credit" as const, limit: "40.00" };
      await leadgate.configure(aDocument({ buyers: { first: { caps, billing } } }));
      expect((await sendLead(leadgate)).to).toBe("first");
      expect((await sendLead(leadgate)).to).toBe("second");
    });
  });

  describe("suppression lists", () => {
    const person = { phone: "512.555.0188", email: "ADA.lovelace@example.com " };

    async function listed(leadgate: Leadgate): Promise<void> {
      const more = { suppression_lists: [{ id: "dnc" }] };
      await leadgate.configure(aDocument({ campaign: { suppression_lists: ["dnc"] }, more }));
    }

    test("a suppression list turns away by entries of every kind, from the very next lead on, until one is taken off", async () => {
      const { leadgate } = journey;
      await listed(leadgate);
      for (const [kind, entry] of ENTRIES) {
        const add = await leadgate.admin("POST", "/suppression-lists/dnc/entries", { entries: [entry] });
        expect([kind, add.status]).toEqual([kind, 200]);
        const { status, body } = await leadgate.ingest("acme", aLead(person));
        expect([kind, status, body.filter_errors?.[0].field]).toEqual([
          kind,
          422,
          Object.keys(entry)[0]?.startsWith("phone") ? "phone" : "email",
        ]);
        const { status: removed } = await leadgate.admin("DELETE", "/suppression-lists/dnc/entries", entry);
        expect([kind, removed]).toEqual([kind, 204]);
      }
      expect((await leadgate.ingest("acme", aLead(person))).status).toBe(201);
    });

    test("a suppression list says once for each of phone and e-mail that it holds", async () => {
      const { leadgate } = journey;
      await listed(leadgate);
      await leadgate.admin("POST", "/suppression-lists/dnc/entries", {
        entries: ENTRIES.map(([, entry]) => entry),
      });
      const { body } = await leadgate.ingest("acme", aLead(person));
      expect(body.filter_errors.map((each: { field: string }) => each.field)).toEqual(["phone", "email"]);
      expect((await leadgate.ingest("acme", aLead())).status).toBe(201);
    });

    test("a suppression list means nothing to campaigns and buyers that do not name it", async () => {
      const { leadgate } = journey;
      const more = { suppression_lists: [{ id: "dnc" }, { id: "customers" }] };
      await leadgate.configure(aDocument({ buyers: { third: { suppression_lists: ["customers"] } }, more }));
      await leadgate.admin("POST", "/suppression-lists/dnc/entries", { entries: [{ phone: person.phone }] });
      expect((await sendLead(leadgate, person)).to).toBe("first");
    });
  });

  describe("inbound filters", () => {
    describe("over HTTP", () => {
      test("the inbound filters name every rule that failed, and skip a rule outside its schedule", async () => {
        const { leadgate } = journey;
        const schedule = { mon: ["00:00-24:00"] };
        const filters = {
          all: [
            { field: "state", op: "in" as const, value: ["TX", "OK"] },
            { field: "source", op: "is_not_empty" as const },
            { field: "zip_code", op: "starts_with" as const, value: "787", schedule },
          ],
        };
        await leadgate.configure(aDocument({ campaign: { filters } }));
        const rules = async (over: Readonly<Record<string, unknown>>) =>
          (await leadgate.ingest("acme", aLead(over))).body.filter_errors?.map(
            (each: { rule: string }) => each.rule,
          );
        expect(await rules({ state: "NM", zip_code: "10001" })).toEqual([
          "campaign.all[0]",
          "campaign.all[1]",
        ]);
        expect(await rules({ source: "web", zip_code: "10001" })).toBeUndefined();
        leadgate.clock.set("2026-01-12T17:00:00.000Z");
        expect(await rules({ source: "web", zip_code: "10001" })).toEqual(["campaign.all[2]"]);
      });
    });
  });
});
