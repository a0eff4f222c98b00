import { expect, test } from "bun:test";
import { aDocument, aLead, type Leadgate, OPERATOR_KEY } from "../support/leadgate.ts";
import { journeys } from "./journeys.ts";

const JSON_BODY = { "content-type": "application/json" };

/** A posting URL of acme's: its id, and the path in it. */
async function makeUrl(leadgate: Leadgate, wanted: object = {}): Promise<{ id: string; path: string }> {
  const { status, body } = await leadgate.admin("POST", "/suppliers/acme/posting-urls", wanted);
  expect(status).toBe(201);
  expect(Object.keys(body.data)).toEqual(["id", "url"]);
  return { id: body.data.id, path: new URL(body.data.url).pathname };
}

function post(leadgate: Leadgate, path: string, lead: object) {
  return leadgate.call("POST", path, { headers: JSON_BODY, body: JSON.stringify(lead) });
}

/** A lead of a new person that says neither its campaign nor its supplier. */
function anonymous(over: object = {}) {
  const { flo_campaign_id: _campaign, flo_supplier_id: _supplier, ...lead } = aLead();
  return { ...lead, ...over };
}

journeys("posting URLs", (journey) => {
  test("a sender without headers posts JSON or a form to a supplier's posting URL, which says the campaign", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const { path } = await makeUrl(leadgate, { campaign: "solar", name: "Landing page" });
    expect(path).toMatch(/^\/api\/v1\/ingest\/u\/lg_url_[0-9A-Za-z]{38}$/);
    const asJson = await post(leadgate, path, anonymous());
    expect([asJson.status, asJson.body.data.status, asJson.body.data.campaign_id]).toEqual([
      201,
      "ACCEPTED",
      "solar",
    ]);
    const form = new URLSearchParams(anonymous({ flo_campaign_id: "" }) as Record<string, string>).toString();
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    expect((await leadgate.call("POST", path, { headers, body: form })).status).toBe(201);
    const { data } = (await leadgate.admin("GET", "/leads?supplier=acme")).body;
    expect(data).toHaveLength(2);
  });

  test("a posting URL without a campaign takes leads to whichever campaign they name", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const { path } = await makeUrl(leadgate);
    expect((await post(leadgate, path, anonymous({ flo_campaign_id: "solar" }))).status).toBe(201);
    const { status, body } = await post(leadgate, path, anonymous());
    expect(status).toBe(400);
    expect(body.field_errors).toMatchObject([{ field: "flo_campaign_id", code: "required" }]);
  });

  test("a posting URL takes no lead of another supplier or for another campaign", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const { path } = await makeUrl(leadgate, { campaign: "solar" });
    for (const over of [{ flo_supplier_id: "other" }, { flo_campaign_id: "other" }]) {
      const { status, body } = await post(leadgate, path, anonymous(over));
      expect([status, body.error]).toEqual([403, "forbidden"]);
    }
  });

  test("a posting URL that was revoked, has expired or never was takes no lead, on any server", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const other = leadgate.another();
    const revoked = await makeUrl(leadgate, { campaign: "solar" });
    const expiring = await makeUrl(leadgate, { campaign: "solar", expires_at: "2026-01-13T18:00:00Z" });
    for (const { path } of [revoked, expiring]) {
      expect((await post(other, path, anonymous())).status).toBe(201);
    }
    const gone = await leadgate.admin("DELETE", `/suppliers/acme/posting-urls/${revoked.id}`);
    expect(gone.status).toBe(204);
    leadgate.clock.pass(3_600_000);
    for (const server of [leadgate, other]) {
      for (const path of [revoked.path, expiring.path, `${revoked.path.slice(0, -1)}_`]) {
        const { status, body } = await post(server, path, anonymous());
        expect([status, body.error]).toEqual([401, "unauthorized"]);
      }
    }
    expect((await leadgate.admin("DELETE", "/suppliers/acme/posting-urls/url_none")).status).toBe(404);
  });

  test("a key is good in its own place alone: in the header, or in the address", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const { id, path } = await makeUrl(leadgate);
    const key = path.split("/").at(-1) ?? "";
    const headers = { ...JSON_BODY, "x-api-key": key };
    const inHeader = await leadgate.call("POST", "/api/v1/ingest", {
      headers,
      body: JSON.stringify(aLead()),
    });
    expect(inHeader.status).toBe(401);
    const lookup = await leadgate.call("GET", "/api/v1/leads/lookup?id=lead_x", { headers });
    expect(lookup.status).toBe(401);
    const inAddress = await post(leadgate, `/api/v1/ingest/u/${leadgate.keyOf("acme")}`, aLead());
    expect(inAddress.status).toBe(401);
    const keys = (await leadgate.admin("GET", "/suppliers/acme/keys")).body.data;
    expect(keys.map((each: { id: string }) => each.id)).not.toContain(id);
    expect((await leadgate.admin("DELETE", `/suppliers/acme/keys/${id}`)).status).toBe(404);
    expect((await leadgate.admin("POST", `/suppliers/acme/keys/${id}/rotate`)).status).toBe(404);
  });

  test("a posting URL is listed without its key, whose text stands in no log, list, history or metric", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const { id, path } = await makeUrl(leadgate, { campaign: "solar", name: "Facebook" });
    const key = path.split("/").at(-1) ?? "";
    await post(leadgate, path, anonymous());
    await post(leadgate, path, { email: "no-lead" });
    await leadgate.call("GET", path);
    await leadgate.call("POST", `${path}/more`);
    const list = await leadgate.admin("GET", "/suppliers/acme/posting-urls");
    expect(list.body.data).toEqual([
      {
        id,
        prefix: key.slice(0, 11),
        name: "Facebook",
        campaign: "solar",
        status: "live",
        created_at: "2026-01-13T17:00:00.000Z",
        expires_at: null,
        revoked_at: null,
        last_used_at: "2026-01-13T17:00:00.000Z",
      },
    ]);
    const history = await leadgate.admin("GET", "/history");
    expect(history.body.data[0].changes[0]).toMatchObject({
      kind: "supplier",
      id: "acme",
      action: "key_created",
    });
    const metrics = await leadgate.call("GET", "/metrics", {
      headers: { authorization: `Bearer ${OPERATOR_KEY}` },
    });
    expect(metrics.body).toContain("/api/v1/ingest/u/:token");
    const said = [JSON.stringify(list.body), JSON.stringify(history.body), metrics.body, ...leadgate.logged];
    expect(said.join("\n")).not.toContain(key);
  });

  test("a posting URL is made for a supplier that there is and a campaign that it is linked to", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const make = (supplier: string, body: object) =>
      leadgate.admin("POST", `/suppliers/${supplier}/posting-urls`, body);
    expect((await make("nobody", {})).status).toBe(404);
    expect((await make("acme", { campaign: "wind" })).body.field_errors).toMatchObject([
      { field: "campaign", code: "not_allowed" },
    ]);
    const wrong = await make("acme", { campaign: 7, name: "", expires_at: "soon", colour: 1 });
    expect(wrong.body.field_errors.map(({ field }: { field: string }) => field)).toEqual([
      "colour",
      "campaign",
      "name",
      "expires_at",
    ]);
    expect((await leadgate.admin("GET", "/suppliers/nobody/posting-urls")).status).toBe(404);
  });

  test("leads of a supplier count together for its rate limit, whichever address they come to", async () => {
    const { leadgate } = journey;
    const rate_limits = { ingest: { per_second: 1, burst_per_second: 1, burst_seconds: 1 } };
    await leadgate.configure(aDocument({ supplier: { rate_limits } }));
    const { path } = await makeUrl(leadgate, { campaign: "solar" });
    expect((await leadgate.ingest("acme", aLead())).status).toBe(201);
    const { status, headers } = await post(leadgate, path, anonymous());
    expect(status).toBe(429);
    expect(headers.has("ratelimit-policy")).toBeTrue();
  });

  test("a lead of Google's lead form is taken as Google sends it, without the key in its body", async () => {
    const { leadgate } = journey;
    const column = (id: string) => [`user_column_data[column_id=${id}].string_value`];
    const fields = [
      { name: "phone", type: "phone" as const, aliases: column("PHONE_NUMBER") },
      { name: "email", type: "email" as const, aliases: column("EMAIL") },
      { name: "full_name", type: "text" as const, aliases: column("FULL_NAME") },
    ];
    await leadgate.configure(aDocument({ campaign: { fields } }));
    const { path } = await makeUrl(leadgate, { campaign: "solar" });
    const { status, body } = await post(leadgate, path, {
      lead_id: "TeSter-123",
      user_column_data: [
        { column_name: "Full Name", string_value: "Ada King Lovelace", column_id: "FULL_NAME" },
        { column_name: "User Email", string_value: "Ada.King@Example.com", column_id: "EMAIL" },
        { column_name: "User Phone", string_value: "+1 512-555-0199", column_id: "PHONE_NUMBER" },
      ],
      api_version: "1.0",
      form_id: 40000000000,
      campaign_id: 123,
      google_key: "of-google",
      is_test: true,
    });
    expect(status).toBe(201);
    const lead = (await leadgate.admin("GET", `/leads/${body.data.id}`)).body.data;
    expect(lead.fields).toMatchObject({
      first_name: "Ada",
      last_name: "King Lovelace",
      email: "ada.king@example.com",
      phone: "+15125550199",
      form_id: 40000000000,
    });
    expect(JSON.stringify(lead)).not.toContain("of-google");
  });
});
