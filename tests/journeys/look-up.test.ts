import { expect, test } from "bun:test";
import { aDocument, aLead, type Leadgate, type Reply } from "../support/leadgate.ts";
import { journeys } from "./journeys.ts";

const UNLIMITED = { ingest: { per_second: 100_000, burst_per_second: 100_000 } };

/** acme and bolt both send leads to `solar`. */
function twoSuppliers() {
  const document = aDocument({ campaign: { duplicates: { window_days: 1, action: "route_to_original" } } });
  const [campaign] = document.campaigns ?? [];
  return {
    ...document,
    suppliers: [...(document.suppliers ?? []), { id: "bolt", rate_limits: UNLIMITED }],
    campaigns: [
      {
        ...campaign,
        suppliers: [
          ...(campaign?.suppliers ?? []),
          { supplier: "bolt", payout: { mode: "fixed" as const, amount: "6.00" } },
        ],
      },
    ],
  };
}

const EVE = { phone: "(512) 888-4321", email: "Eve@people.example" };

function lookUp(leadgate: Leadgate, query: string, supplier = "acme"): Promise<Reply> {
  const headers = { "x-api-key": leadgate.keyOf(supplier) };
  return leadgate.call("GET", `/api/v1/leads/lookup?${query}`, { headers });
}

async function sendOf(leadgate: Leadgate, supplier: string, over: object = EVE): Promise<string> {
  return (await leadgate.ingest(supplier, aLead({ flo_supplier_id: supplier, ...over }))).body.data.id;
}

function idsOf({ body }: Reply): string[] {
  return body.data.map((lead: { id: string }) => lead.id);
}

journeys("look-ups by suppliers", (journey) => {
  test("a supplier that looks its leads up finds its own by id, phone and e-mail, the newest first, and nobody else's", async () => {
    const { leadgate } = journey;
    await leadgate.configure(twoSuppliers());
    const first = await sendOf(leadgate, "acme");
    const second = await sendOf(leadgate, "acme", { ...EVE, phone: "5128880000" });
    const third = await sendOf(leadgate, "bolt");
    await sendOf(leadgate, "acme", {});
    expect(idsOf(await lookUp(leadgate, "phone=%2B15128884321"))).toEqual([first]);
    expect(idsOf(await lookUp(leadgate, "phone=+1 512 888-4321"))).toEqual([first]);
    expect(idsOf(await lookUp(leadgate, "email=EVE@people.example"))).toEqual([second, first]);
    expect(idsOf(await lookUp(leadgate, "email=eve@people.example&phone=5128884321"))).toEqual([first]);
    expect(idsOf(await lookUp(leadgate, `id=${second}`))).toEqual([second]);
    expect(idsOf(await lookUp(leadgate, "phone=5128884321", "bolt"))).toEqual([third]);
    for (const query of [`id=${third}`, "phone=5128889999", `id=${first}&phone=5128880000`]) {
      expect((await lookUp(leadgate, query)).status).toBe(404);
    }
    const { body } = await lookUp(leadgate, `id=${first}`);
    expect(body.data).toEqual([
      {
        id: first,
        status: "ACCEPTED",
        reason: null,
        campaign_id: "solar",
        buyer_id: "first",
        payout: "5.00",
        currency: "USD",
        is_test: false,
        created_at: leadgate.clock.now().toISOString(),
      },
    ]);
  });

  test("a person's leads are found in every campaign, whatever became of them", async () => {
    const { leadgate } = journey;
    const document = aDocument({
      contracts: { first: { states: ["TX"] }, second: { status: "paused" }, third: { status: "paused" } },
    });
    const [solar] = document.campaigns ?? [];
    const roofs = { ...solar, id: "roofs", duplicates: { action: "route_to_original" as const } };
    await leadgate.configure({ ...document, campaigns: [{ ...solar }, roofs] });
    const send = async (flo_campaign_id: string, over: object = {}) => {
      const { data } = (await leadgate.ingest("acme", aLead({ ...EVE, flo_campaign_id, ...over }))).body;
      return [data.id, data.status];
    };
    const sent = [
      await send("solar", { state: "NY" }),
      await send("solar"),
      await send("solar"),
      await send("roofs"),
      await send("roofs"),
    ];
    expect(sent.map(([, status]) => status)).toEqual([
      "UNMATCHED",
      "ACCEPTED",
      "DUPLICATE",
      "ACCEPTED",
      "ACCEPTED",
    ]);
    const all = sent.map(([id]) => id).reverse();
    for (const query of [
      "phone=5128884321",
      "email=eve@people.example",
      "phone=5128884321&email=eve@people.example",
    ]) {
      expect(idsOf(await lookUp(leadgate, query))).toEqual(all);
      expect(idsOf(await leadgate.admin("GET", `/leads?${query}`))).toEqual(all);
    }
  });

  test("a supplier that looks its leads up is told what is wrong with what it asks, and comes no oftener than it may", async () => {
    const { leadgate } = journey;
    await leadgate.configure(twoSuppliers());
    const errors = async (query: string) => {
      const { status, body } = await lookUp(leadgate, query);
      expect(status).toBe(400);
      return body.field_errors.map(({ field, code }: { field: string; code: string }) => `${field} ${code}`);
    };
    expect(await errors("")).toEqual(["id required"]);
    expect(await errors("phone=")).toEqual(["phone required"]);
    expect(await errors("id=lead_1&phone=12&email=eve&name=Eve")).toEqual([
      "name unknown_field",
      "id invalid_format",
      "phone invalid_format",
      "email invalid_format",
    ]);
    expect((await leadgate.call("GET", "/api/v1/leads/lookup?phone=5128884321")).status).toBe(401);
    leadgate.clock.pass(60_000);
    const replies = await Promise.all(Array.from({ length: 30 }, () => lookUp(leadgate, "phone=5128884321")));
    expect(replies.filter(({ status }) => status === 429).length).toBe(10);
    expect(replies.at(-1)?.headers.get("retry-after")).toBe("1");
  });
});

journeys("look-ups by operators", (journey) => {
  test("an operator who looks for a lead finds it by id, phone and e-mail among those that the other filters let through", async () => {
    const { leadgate } = journey;
    await leadgate.configure(twoSuppliers());
    const ids = [
      await sendOf(leadgate, "acme"),
      await sendOf(leadgate, "bolt"),
      await sendOf(leadgate, "acme", {}),
    ];
    const search = async (query: string) => idsOf(await leadgate.admin("GET", `/leads?${query}`));
    expect(await search("phone=+15128884321")).toEqual([ids[1] ?? "", ids[0] ?? ""]);
    expect(await search("phone=15128884321&supplier=acme")).toEqual([ids[0] ?? ""]);
    expect(await search(" email=eve@PEOPLE.example&status=ACCEPTED&test=false".trim())).toHaveLength(2);
    expect(await search(`id=${ids[2]}`)).toEqual([ids[2] ?? ""]);
    expect(await search(`id=${ids[2]}&phone=5128884321`)).toEqual([]);
    expect(await search("phone=5128884321&campaign=solar&status=REJECTED")).toEqual([]);
    const { body: page } = await leadgate.admin("GET", "/leads?phone=5128884321&limit=1");
    expect(page.data[0].id).toBe(ids[1]);
    expect(await search(`phone=5128884321&limit=1&cursor=${page.next_cursor}`)).toEqual([ids[0] ?? ""]);
  });

  test("an operator who looks for a lead understands a phone as its country dials it, and is told what cannot be one", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument({ campaign: { country: "GB" } }));
    const id = await sendOf(leadgate, "acme", { phone: "020 7946 0018" });
    expect(idsOf(await leadgate.admin("GET", "/leads?phone=02079460018&country=gb"))).toEqual([id]);
    expect(idsOf(await leadgate.admin("GET", "/leads?phone=%2B442079460018"))).toEqual([id]);
    for (const query of ["phone=12", "phone=", "email=%20", "email=nobody", "id=17", "country=Texas"]) {
      expect((await leadgate.admin("GET", `/leads?${query}`)).status).toBe(400);
      expect((await leadgate.admin("POST", `/leads/redistribute?${query}`)).status).toBe(400);
    }
  });
});
