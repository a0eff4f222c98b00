import { expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import { aDocument, aLead, type Leadgate, type Reply } from "../support/leadgate.ts";
import { journeys } from "./journeys.ts";

function sendAll(leadgate: Leadgate, body: unknown, headers: Record<string, string> = {}): Promise<Reply> {
  return leadgate.call("POST", "/api/v1/ingest/batch", {
    headers: { "x-api-key": leadgate.keyOf("acme"), "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

type Answer = {
  http_status: number;
  error?: string;
  data?: { id: string; status: string; buyer_id: string };
};

async function answersTo(
  leadgate: Leadgate,
  leads: readonly unknown[],
  headers?: Record<string, string>,
): Promise<Answer[]> {
  const { status, body } = await sendAll(leadgate, { leads }, headers);
  expect(status).toBe(200);
  return body.data;
}

const statuses = (answers: readonly Answer[]) => answers.map(({ http_status }) => http_status);

journeys("a batch of leads", (journey) => {
  test("a batch of leads is answered lead by lead in its order, and one that fails fails alone", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument({ contracts: { first: { caps: { day: { leads: 1 } } } } }));
    const again = aLead();
    const { phone: _, ...withoutPhone } = aLead();
    const answers = await answersTo(leadgate, [
      again,
      withoutPhone,
      aLead({ flo_campaign_id: "wind" }),
      aLead({ flo_supplier_id: "other" }),
      again,
      17,
      aLead(),
    ]);
    expect(statuses(answers)).toEqual([201, 400, 404, 403, 200, 400, 201]);
    expect(answers.map(({ data, error }) => data?.buyer_id ?? data?.status ?? error)).toEqual([
      "first",
      "validation_failed",
      "campaign_not_found",
      "forbidden",
      "DUPLICATE",
      "malformed_body",
      "second",
    ]);
    for (const { data } of [answers[0], answers[6]] as Answer[]) {
      expect((await leadgate.admin("GET", `/leads/${data?.id}`)).body.data.status).toBe("ACCEPTED");
    }
  });

  test("a batch of leads is answered although one of them fails by a fault of the server, which is its own", async () => {
    const { leadgate, database } = journey;
    const document = aDocument();
    const [solar] = document.campaigns ?? [];
    await leadgate.configure({ ...document, campaigns: [solar, { ...solar, id: "wind" }] as never });
    await database.write((tx) => tx.execute(sql`update campaigns set definition = '{}' where id = 'wind'`));
    const server = leadgate.another();
    const answers = await answersTo(server, [aLead(), aLead({ flo_campaign_id: "wind" }), aLead()]);
    expect(statuses(answers)).toEqual([201, 500, 201]);
    expect(answers[1]?.error).toBe("internal_error");
    expect(
      server.logged.filter((line) => line.includes("a lead that was sent with others failed")),
    ).toHaveLength(1);
    await database.write((tx) => tx.execute(sql`delete from campaigns where id = 'wind'`));
  });

  test("a batch of leads with a key twice in one of them, or too much in it, takes in the others", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const text = JSON.stringify(aLead());
    const many = { ...aLead(), more: Array.from({ length: 2_001 }, () => 1) };
    const texts = [text, `{"state":"TX",${text.slice(1)}`, JSON.stringify(many), '{"__proto__":{}}'];
    const { body } = await sendAll(leadgate, `{"leads":[${texts.join(",")}]}`);
    expect(body.data.map(({ error = "" }) => error)).toEqual([
      "",
      "malformed_body",
      "payload_too_large",
      "malformed_body",
    ]);
  });

  test("a batch of leads fills a cap exactly, with leads that come alone beside it", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument({ contracts: { first: { caps: { day: { leads: 40 } } } } }));
    const [answers, ...alone] = await Promise.all([
      answersTo(
        leadgate,
        Array.from({ length: 60 }, () => aLead()),
      ),
      ...Array.from({ length: 20 }, () => leadgate.ingest("acme", aLead())),
    ]);
    const buyers = [
      ...answers.map(({ data }) => data?.buyer_id),
      ...alone.map(({ body }) => body.data.buyer_id),
    ];
    expect(buyers.filter((buyer) => buyer === "first")).toHaveLength(40);
    expect(buyers.filter((buyer) => buyer === "second")).toHaveLength(40);
  });

  test("a batch of leads counts each of them, and what is over the limit is a 429 of its own", async () => {
    const { leadgate } = journey;
    const rate_limits = { ingest: { per_second: 1, burst_per_second: 3, burst_seconds: 1 } };
    await leadgate.configure(aDocument({ supplier: { rate_limits } }));
    const { status, body, headers } = await sendAll(leadgate, {
      leads: Array.from({ length: 5 }, () => aLead()),
    });
    expect(status).toBe(200);
    expect(statuses(body.data)).toEqual([201, 201, 201, 429, 429]);
    expect(body.data[4]).toMatchObject({ error: "rate_limited", retry_after: 2 });
    expect(headers.get("ratelimit")).toContain("r=0");
    expect((await leadgate.ingest("acme", aLead())).status).toBe(429);
    expect((await sendAll(leadgate, { leads: [aLead()] })).status).toBe(429);
  });

  test("a batch of leads sent again with its Idempotency-Key gets the first answers, and a lead's own key is good alone too", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const own = aLead();
    const leads = [aLead(), { ...own, idempotency_key: "mine" }, aLead()];
    const headers = { "idempotency-key": "a batch" };
    const first = await answersTo(leadgate, leads, headers);
    expect(statuses(first)).toEqual([201, 201, 201]);
    const again = await answersTo(leadgate, [...leads.slice(0, 2), aLead()], headers);
    expect(again.slice(0, 2)).toEqual(
      first.slice(0, 2).map((each) => ({ ...each, idempotent_replayed: true })),
    );
    expect(again[2]).toMatchObject({ http_status: 422, error: "idempotency_key_reused" });
    const alone = await leadgate.ingest("acme", own, { "idempotency-key": "mine" });
    expect([alone.headers.get("idempotent-replayed"), alone.body.data]).toEqual(["true", first[1]?.data]);
    const [wrong] = await answersTo(leadgate, [{ ...aLead(), idempotency_key: 5 }]);
    expect(wrong).toMatchObject({ http_status: 400, field_errors: [{ field: "idempotency_key" }] });
    const { data } = (await leadgate.admin("GET", `/leads/${first[1]?.data?.id}`)).body;
    expect(data.fields).not.toHaveProperty("idempotency_key");
  });

  test("a batch that is no list of 1 to 500 leads is refused whole", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const lead = aLead();
    for (const [body, error] of [
      [{ leads: [] }, "malformed_body"],
      [[lead], "malformed_body"],
      [{ leads: lead }, "malformed_body"],
      [{ leads: [lead], more: 1 }, "malformed_body"],
      [{ leads: Array.from({ length: 501 }, () => lead) }, "payload_too_large"],
      [{ leads: [lead, "x".repeat(2 * 1024 * 1024)] }, "payload_too_large"],
      [{ leads: [lead, { ...lead, note: "x".repeat(260 * 1024) }] }, "payload_too_large"],
    ] as const) {
      expect((await sendAll(leadgate, body)).body.error).toBe(error);
    }
    const form = await sendAll(leadgate, "leads=1", { "content-type": "application/x-www-form-urlencoded" });
    expect(form.status).toBe(415);
    const dry = await leadgate.call("POST", "/api/v1/ingest/batch?dry_run=true", {
      headers: { "x-api-key": leadgate.keyOf("acme"), "content-type": "application/json" },
      body: JSON.stringify({ leads: [lead] }),
    });
    expect([dry.status, dry.body.field_errors[0].field]).toEqual([400, "dry_run"]);
    expect((await leadgate.admin("GET", "/leads")).body.data).toEqual([]);
  });
});
