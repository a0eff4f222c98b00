import { describe, expect, test } from "bun:test";
import { type Database, DatabaseUnavailable } from "#database/database.ts";
import { aDocument, aLead, type Leadgate, openLeadgate, type Reply } from "../support/leadgate.ts";
import { journeys } from "./journeys.ts";

const REQUIRED = [
  ["first_name", "required"],
  ["last_name", "required"],
  ["phone", "required"],
  ["email", "required"],
];

function fieldErrors(reply: Reply): string[][] {
  return reply.body.field_errors.map((each: { field: string; code: string }) => [each.field, each.code]);
}

/** Sends text as it is, with a good key of acme's. */
function post(leadgate: Leadgate, body: string, headers: Record<string, string> = {}): Promise<Reply> {
  return leadgate.call("POST", "/api/v1/ingest", {
    headers: { "x-api-key": leadgate.keyOf("acme"), "content-type": "application/json", ...headers },
    body,
  });
}

journeys("answers to suppliers", (journey) => {
  test("the answer to a lead says 201 with the buyer of a lead that is accepted", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const reply = await leadgate.ingest("acme", aLead());
    expect(reply.status).toBe(201);
    expect(reply.body).toEqual({
      data: {
        id: expect.stringMatching(/^lead_[0-9a-z]{26}$/),
        status: "ACCEPTED",
        buyer_id: "first",
        campaign_id: "solar",
      },
    });
  });

  test("the answer to a lead says 200 and UNMATCHED when no buyer can take the lead", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument({ campaign: { buyers: [] } }));
    const reply = await leadgate.ingest("acme", aLead());
    expect(reply.status).toBe(200);
    expect(reply.body.data).toEqual({
      id: expect.stringMatching(/^lead_/),
      status: "UNMATCHED",
      buyer_id: null,
      campaign_id: "solar",
    });
  });

  test("the answer to a lead says 200 and DUPLICATE for a lead that came before", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const lead = aLead();
    const first = await leadgate.ingest("acme", lead);
    const second = await leadgate.ingest("acme", lead);
    expect(second.status).toBe(200);
    expect(second.body.data).toEqual({
      id: expect.stringMatching(/^lead_/),
      status: "DUPLICATE",
      buyer_id: null,
      campaign_id: "solar",
    });
    expect(second.body.data.id).not.toBe(first.body.data.id);
  });

  test("the answer to a lead says 201 and duplicate when the lead went to its original buyer again", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument({ campaign: { duplicates: { action: "route_to_original" } } }));
    const lead = aLead();
    await leadgate.ingest("acme", lead);
    const second = await leadgate.ingest("acme", lead);
    expect(second.status).toBe(201);
    expect(second.body.data).toMatchObject({ status: "ACCEPTED", buyer_id: "first", duplicate: true });
  });

  test("the answer to a lead says 422 with the filter's rules, and that the lead is on record as rejected", async () => {
    const { leadgate } = journey;
    const filters = { all: [{ field: "state", op: "in" as const, value: ["OK", "NM"] }] };
    await leadgate.configure(aDocument({ campaign: { filters } }));
    const reply = await leadgate.ingest("acme", aLead(), { "x-request-id": "r-1" });
    expect(reply.status).toBe(422);
    expect(reply.body).toEqual({
      error: "filtered",
      message: "The lead does not pass the campaign's filters.",
      request_id: "r-1",
      filter_errors: [
        { rule: "campaign.all[0]", field: "state", code: "in", message: expect.stringContaining("State") },
      ],
      data: {
        id: expect.stringMatching(/^lead_/),
        status: "REJECTED",
        buyer_id: null,
        campaign_id: "solar",
      },
    });
    const { body } = await leadgate.admin("GET", `/leads/${reply.body.data.id}`);
    expect(body.data).toMatchObject({ status: "REJECTED", reason: "filtered", request_id: "r-1" });
  });

  test("the answer to a lead says 422 with the list that a person is on, and that the lead is on record as rejected", async () => {
    const { leadgate } = journey;
    const more = { suppression_lists: [{ id: "dnc" }] };
    await leadgate.configure(aDocument({ campaign: { suppression_lists: ["dnc"] }, more }));
    const lead = aLead();
    await leadgate.admin("POST", "/suppression-lists/dnc/entries", { entries: [{ phone: lead["phone"] }] });
    const reply = await leadgate.ingest("acme", lead);
    expect(reply.status).toBe(422);
    expect(reply.body).toMatchObject({
      error: "suppressed",
      filter_errors: [
        {
          rule: "suppression_lists.dnc",
          field: "phone",
          code: "suppressed",
          message: "phone is on a suppression list",
        },
      ],
      data: { status: "REJECTED", buyer_id: null },
    });
  });

  test("the answer to a lead says 400 with all that is wrong with the fields at once, the ids among them", async () => {
    const { leadgate } = journey;
    const fields = [{ name: "case_type", type: "enum" as const, values: ["auto", "slip"], required: true }];
    await leadgate.configure(aDocument({ campaign: { fields } }));
    const wrong = aLead({ first_name: "  ", phone: "12", email: "nobody", state: 7 });
    const reply = await leadgate.ingest("acme", wrong);
    expect(reply.status).toBe(400);
    expect(reply.body).toMatchObject({ error: "validation_failed", message: "5 fields are not valid" });
    expect(fieldErrors(reply)).toEqual([
      ["first_name", "required"],
      ["phone", "invalid_format"],
      ["email", "invalid_format"],
      ["state", "invalid_type"],
      ["case_type", "required"],
    ]);
    const unaddressed = await leadgate.ingest("acme", { flo_supplier_id: 12 });
    expect(fieldErrors(unaddressed)).toEqual([
      ["flo_campaign_id", "required"],
      ["flo_supplier_id", "invalid_type"],
      ...REQUIRED,
    ]);
    const overlong = await leadgate.ingest("acme", { flo_campaign_id: "x".repeat(129), flo_supplier_id: "" });
    expect(fieldErrors(overlong)).toEqual([
      ["flo_campaign_id", "too_long"],
      ["flo_supplier_id", "required"],
      ...REQUIRED,
    ]);
  });

  test("the answer to a lead says the same 401 for every key that is not good", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const good = leadgate.keyOf("acme");
    const revoked = await leadgate.admin("POST", "/suppliers/acme/keys", {});
    await leadgate.admin("DELETE", `/suppliers/acme/keys/${revoked.body.data.id}`);
    const expiring = await leadgate.admin("POST", "/suppliers/acme/keys", {
      expires_at: "2026-01-13T17:00:01Z",
    });
    leadgate.clock.pass(1000);
    const bad = [
      undefined,
      "",
      good.slice(0, -1),
      `${good}x`,
      good.toUpperCase(),
      "k".repeat(10_000),
      revoked.body.data.key,
      expiring.body.data.key,
    ];
    const answers = await Promise.all(
      bad.map((key) =>
        leadgate.call("POST", "/api/v1/ingest", {
          headers: {
            "content-type": "application/json",
            "x-request-id": "r",
            ...(key !== undefined && { "x-api-key": key }),
          },
          body: JSON.stringify(aLead()),
        }),
      ),
    );
    for (const answer of answers) {
      expect([answer.status, answer.body]).toEqual([
        401,
        { error: "unauthorized", message: "The API key is missing or not valid.", request_id: "r" },
      ]);
    }
  });

  test("the answer to a lead says 403 forbidden for another supplier's id, and to a supplier that is not linked", async () => {
    const { leadgate } = journey;
    const other = { id: "other", suppliers: [], buyers: [] };
    const document = aDocument();
    await leadgate.configure({
      ...document,
      suppliers: [...(document.suppliers ?? []), { id: "rival" }],
      campaigns: [...(document.campaigns ?? []), other],
    });
    const impostor = await leadgate.ingest("acme", aLead({ flo_supplier_id: "rival" }));
    expect([impostor.status, impostor.body.error]).toEqual([403, "forbidden"]);
    const stranger = await leadgate.ingest("acme", aLead({ flo_campaign_id: "other" }));
    expect([stranger.status, stranger.body.error]).toEqual([403, "forbidden"]);
    expect((await leadgate.admin("GET", "/leads")).body.data).toEqual([]);
  });

  test("the answer to a lead says 403 inactive while the campaign, the supplier or their link is paused", async () => {
    const { leadgate } = journey;
    for (const [document, who] of [
      [aDocument({ campaign: { status: "paused" } }), "The campaign is paused."],
      [aDocument({ supplier: { status: "paused" } }), "The supplier is paused."],
      [aDocument({ link: { status: "paused" } }), "The supplier is paused on this campaign."],
    ] as const) {
      await leadgate.configure(document);
      const reply = await leadgate.ingest("acme", aLead());
      expect([reply.status, reply.body.error, reply.body.message]).toEqual([403, "inactive", who]);
    }
    await leadgate.configure(aDocument());
    expect((await leadgate.ingest("acme", aLead())).status).toBe(201);
  });

  test("the answer to a lead says 404 for a campaign that is not there or archived", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const unknown = await leadgate.ingest("acme", aLead({ flo_campaign_id: "nowhere" }));
    expect([unknown.status, unknown.body.error]).toEqual([404, "campaign_not_found"]);
    await leadgate.configure(aDocument({ campaign: { status: "archived" } }));
    const archived = await leadgate.ingest("acme", aLead());
    expect([archived.status, archived.body.error]).toEqual([404, "campaign_not_found"]);
  });

  test("the answer to a lead says 429 with the seconds to wait when the supplier is over its rate", async () => {
    const { leadgate } = journey;
    const ingest = { per_second: 1, burst_per_second: 2, burst_seconds: 1 };
    await leadgate.configure(aDocument({ supplier: { rate_limits: { ingest } } }));
    const first = await leadgate.ingest("acme", aLead());
    const second = await leadgate.ingest("acme", aLead());
    const third = await leadgate.ingest("acme", aLead());
    expect([first.status, second.status, third.status]).toEqual([201, 201, 429]);
    expect(third.body).toEqual({
      error: "rate_limited",
      message: "The supplier is over its rate limit.",
      request_id: expect.any(String),
      retry_after: 2,
    });
    expect(third.headers.get("retry-after")).toBe("2");
    expect(third.headers.get("ratelimit-policy")).toBe('"sustained";q=1;w=1, "burst";q=2;w=1');
    expect(third.headers.get("ratelimit")).toMatch(/^"sustained";r=0;t=\d+$/);
    leadgate.clock.pass(2000);
    expect((await leadgate.ingest("acme", aLead())).status).toBe(201);
  });

  test("the answer to a lead says 503 with the seconds to wait once the server is stopping, and takes nothing in", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    await leadgate.server.stop();
    const reply = await leadgate.ingest("acme", aLead());
    expect(reply.status).toBe(503);
    expect(reply.body).toMatchObject({ error: "unavailable", retry_after: 1 });
    expect(reply.headers.get("retry-after")).toBe("1");
    expect((await leadgate.call("GET", "/readyz")).status).toBe(503);
    expect((await leadgate.call("GET", "/livez")).status).toBe(200);
    expect((await leadgate.admin("GET", "/leads")).body.data).toEqual([]);
  });

  test("the answer to a lead says 503 while the database is away, whatever was asked, and goes on when it is back", async () => {
    const { leadgate, database } = journey;
    await leadgate.configure(aDocument());
    let isAway = false;
    const gone = () => Promise.reject(new DatabaseUnavailable("gone"));
    const { whatIsThere: _, ...whole } = database;
    const unsteady: Database = {
      ...whole,
      read: (work) => (isAway ? gone() : database.read(work)),
      survey: (work) => (isAway ? gone() : database.survey(work)),
      write: (work) => (isAway ? gone() : database.write(work)),
      ping: () => (isAway ? gone() : database.ping()),
    };
    const keys = new Map([["acme", leadgate.keyOf("acme")]]);
    const server = openLeadgate(unsteady, leadgate.clock, keys, {}, leadgate.acknowledged);
    const { body } = await server.ingest("acme", aLead());
    isAway = true;
    const headers = { "x-api-key": leadgate.keyOf("acme") };
    for (let seconds = 0; seconds < 10; seconds += 9) {
      leadgate.clock.pass(seconds * 1000);
      for (const reply of [
        await server.ingest("acme", aLead()),
        await server.ingest("acme", aLead({ phone: "1" })),
        await server.ingest("acme", aLead({ flo_campaign_id: "wind" })),
        await post(server, JSON.stringify(aLead()), { "x-api-key": "a key that may be good" }),
        await server.call("GET", `/api/v1/leads/${body.data.id}`, { headers }),
        await server.admin("GET", "/leads"),
      ]) {
        expect([reply.status, reply.body.error, reply.body.retry_after]).toEqual([503, "unavailable", 2]);
        expect(reply.headers.get("retry-after")).toBe("2");
      }
      expect((await server.call("GET", "/readyz")).body).toEqual({ status: "database_unavailable" });
      expect((await server.call("GET", "/livez")).status).toBe(200);
    }
    isAway = false;
    expect((await server.ingest("acme", aLead())).status).toBe(201);
    expect((await server.call("GET", "/readyz")).status).toBe(200);
    expect((await leadgate.admin("GET", "/leads")).body.data).toHaveLength(2);
    await server.server.stop();
  });

  test("the leads that wait are answered when the server is stopped", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    await leadgate.ingest("acme", aLead());
    const sent = Array.from({ length: 20 }, () => leadgate.ingest("acme", aLead()));
    const stopped = sent[0]?.then(() => leadgate.server.stop());
    const statuses = (await Promise.all(sent)).map((reply) => reply.status);
    await stopped;
    expect(new Set(statuses).isSubsetOf(new Set([201, 503]))).toBe(true);
    expect(statuses.filter((status) => status === 201)).not.toEqual([]);
  });

  describe("the order of the checks", () => {
    test("the key is looked at before the rate, the rate before the body, and the body before the ids", async () => {
      const { leadgate } = journey;
      const ingest = { per_second: 1, burst_per_second: 1, burst_seconds: 1 };
      await leadgate.configure(aDocument({ supplier: { rate_limits: { ingest } } }));
      const unknownKey = { "x-api-key": "nobody", "content-type": "text/plain" };
      for (let i = 0; i < 3; i++) expect((await post(leadgate, "{", unknownKey)).status).toBe(401);
      expect((await post(leadgate, "{")).body.error).toBe("malformed_body");
      expect((await post(leadgate, "{")).body.error).toBe("rate_limited");
      leadgate.clock.pass(1000);
      expect((await post(leadgate, "[]", { "content-type": "text/plain" })).status).toBe(415);
    });

    test("the campaign and the link are looked at before the fields, and at the fields before the filters", async () => {
      const { leadgate } = journey;
      const filters = { field: "state", op: "eq" as const, value: "OK" };
      const supplier = { status: "paused" as const };
      await leadgate.configure(aDocument({ campaign: { filters }, supplier }));
      const wrong = aLead({ phone: "1" });
      expect((await leadgate.ingest("acme", { ...wrong, flo_campaign_id: "nowhere" })).status).toBe(404);
      expect((await leadgate.ingest("acme", wrong)).body.error).toBe("inactive");
      await leadgate.configure(aDocument({ campaign: { filters } }));
      expect((await leadgate.ingest("acme", wrong)).body.error).toBe("validation_failed");
      expect((await leadgate.ingest("acme", aLead())).body.error).toBe("filtered");
    });

    test("the supplier's filters come before the campaign's, filters before suppression, suppression before duplicates", async () => {
      const { leadgate } = journey;
      const suppliersOwn = { field: "source", op: "eq" as const, value: "web" };
      const campaigns = { field: "state", op: "eq" as const, value: "TX" };
      const more = { suppression_lists: [{ id: "dnc" }] };
      const listed = { filters: campaigns, suppression_lists: ["dnc"] };
      await leadgate.configure(aDocument({ campaign: listed, link: { filters: suppliersOwn }, more }));
      const lead = aLead({ source: "web" });
      expect((await leadgate.ingest("acme", lead)).status).toBe(201);
      await leadgate.admin("POST", "/suppression-lists/dnc/entries", { entries: [{ email: lead["email"] }] });

      const ends = async (over: object) => {
        const { body } = await leadgate.ingest("acme", { ...lead, ...over });
        return body.filter_errors?.[0].rule ?? body.data.status;
      };
      expect(await ends({ source: "mail", state: "OK" })).toBe("supplier.filter");
      expect(await ends({ state: "OK" })).toBe("campaign.filter");
      expect(await ends({})).toBe("suppression_lists.dnc");
      await leadgate.admin("DELETE", "/suppression-lists/dnc/entries", { email: lead["email"] });
      expect(await ends({})).toBe("DUPLICATE");
    });
  });

  describe("headers", () => {
    test("an answer carries the client's request id where that is well formed, else one that was made", async () => {
      const { leadgate } = journey;
      await leadgate.configure(aDocument());
      const idOf = async (sent: string) => {
        const reply = await leadgate.ingest("acme", aLead(), { "x-request-id": sent });
        return reply.headers.get("x-request-id") ?? "";
      };
      expect(await idOf("Order-66_a.b")).toBe("Order-66_a.b");
      expect(await idOf("x".repeat(64))).toBe("x".repeat(64));
      for (const bad of ["x".repeat(65), "a b", "ümlaut", "<script>"]) {
        expect(await idOf(bad)).toMatch(/^[0-9a-f-]{36}$/);
      }
      const failed = await post(leadgate, "{");
      expect(failed.headers.get("x-request-id")).toBe(failed.body.request_id);
      const elsewhere = await leadgate.call("GET", "/nowhere", { headers: { "x-request-id": "r-9" } });
      expect([elsewhere.status, elsewhere.body.error, elsewhere.body.request_id]).toEqual([
        404,
        "not_found",
        "r-9",
      ]);
    });

    test("an answer carries how much of its rate the supplier has left, on good answers and on bad ones", async () => {
      const { leadgate } = journey;
      await leadgate.configure(aDocument({ supplier: { rate_limits: {} } }));
      const good = await leadgate.ingest("acme", aLead());
      const bad = await post(leadgate, "{");
      expect(good.headers.get("ratelimit-policy")).toBe('"sustained";q=1000;w=10, "burst";q=200;w=1');
      const left = (reply: Reply) => Number(/r=(\d+);t=\d+$/.exec(reply.headers.get("ratelimit") ?? "")?.[1]);
      expect(left(good)).toBe(999);
      for (let i = 0; i < 10; i++) expect((await post(leadgate, "{")).status).toBe(400);
      expect(left(bad)).toBeGreaterThan(left(await post(leadgate, "{")));
    });
  });

  describe("forms", () => {
    const asForm = { "content-type": "application/x-www-form-urlencoded; charset=UTF-8" };

    test("the answer to a form is what it would be to the same in JSON, with numbers and booleans read from text", async () => {
      const { leadgate } = journey;
      const fields = [
        { name: "roof_age", type: "integer" as const, required: true },
        { name: "homeowner", type: "boolean" as const, required: true },
      ];
      await leadgate.configure(aDocument({ campaign: { fields } }));
      const form = new URLSearchParams({
        ...(aLead({ phone: "(512) 555-0143", first_name: "Zoë & Søn" }) as Record<string, string>),
        roof_age: "7",
        homeowner: "yes",
      });
      const reply = await post(leadgate, form.toString(), asForm);
      expect(reply.status).toBe(201);
      const { body } = await leadgate.admin("GET", `/leads/${reply.body.data.id}`);
      expect(body.data.fields).toMatchObject({
        first_name: "Zoë & Søn",
        phone: "+15125550143",
        roof_age: 7,
        homeowner: true,
      });
      expect(body.data.sent).toMatchObject({ phone: "(512) 555-0143", roof_age: "7", homeowner: "yes" });
    });

    test("the answer to a form names all field errors too", async () => {
      const { leadgate } = journey;
      await leadgate.configure(aDocument());
      const reply = await post(leadgate, "flo_campaign_id=solar&flo_supplier_id=acme", asForm);
      expect(reply.status).toBe(400);
      expect(fieldErrors(reply)).toEqual(REQUIRED);
    });
  });
});
