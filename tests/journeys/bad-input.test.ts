import { describe, expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import fc from "fast-check";
import { type Database, DatabaseUnavailable } from "#database/database.ts";
import { aDocument, aLead, type Leadgate, openLeadgate, testClock } from "../support/leadgate.ts";
import { journeys } from "./journeys.ts";

const JSON_TYPE = "application/json";
const FORM_TYPE = "application/x-www-form-urlencoded";

/** Posts a body as it is, with acme's key; the answer with its body as text. */
async function post(
  leadgate: Leadgate,
  body: BodyInit,
  type = JSON_TYPE,
  headers: Record<string, string> = {},
) {
  const response = await leadgate.server.handle(
    new Request("http://localhost/api/v1/ingest", {
      method: "POST",
      headers: { "x-api-key": leadgate.keyOf("acme"), "content-type": type, ...headers },
      body,
    }),
  );
  const text = await response.text();
  return {
    status: response.status,
    text,
    error: JSON.parse(text).error as string | undefined,
    headers: response.headers,
  };
}

function nested(depth: number): unknown {
  return depth === 0 ? 1 : { a: nested(depth - 1) };
}

const withText = (extra: string) => JSON.stringify(aLead()).replace("{", `{${extra},`);
const wide = (keys: number) => Object.fromEntries(Array.from({ length: keys }, (_, key) => [`k${key}`, key]));

const REFUSED: [string, () => BodyInit, number, string][] = [
  ["nothing", () => "", 400, "malformed_body"],
  ["half of an object", () => '{"flo_campaign_id": "solar"', 400, "malformed_body"],
  ["a list", () => JSON.stringify([aLead()]), 400, "malformed_body"],
  ["a text", () => '"solar"', 400, "malformed_body"],
  ["a number", () => "1e3", 400, "malformed_body"],
  ["null", () => "null", 400, "malformed_body"],
  ["something after the object", () => `${JSON.stringify(aLead())} {}`, 400, "malformed_body"],
  ["a comment", () => `/* lead */ ${JSON.stringify(aLead())}`, 400, "malformed_body"],
  ["NaN", () => withText('"n": NaN'), 400, "malformed_body"],
  [
    "bytes that are no UTF-8",
    () => new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
    400,
    "malformed_body",
  ],
  [
    "UTF-16",
    () => new Uint8Array(Buffer.from(`\ufeff${JSON.stringify(aLead())}`, "utf16le")),
    400,
    "malformed_body",
  ],
  ["the same key twice", () => withText('"email": "other@example.com"'), 400, "malformed_body"],
  [
    "the same key twice, once escaped",
    () => withText('"\\u0065mail": "other@example.com"'),
    400,
    "malformed_body",
  ],
  [
    "the same key twice, deep inside",
    () => withText('"x": [{"y": {"z": 1, "z": 2}}]'),
    400,
    "malformed_body",
  ],
  ["__proto__", () => withText('"__proto__": {"is_admin": true}'), 400, "malformed_body"],
  ["constructor.prototype", () => withText('"x": {"constructor": {"prototype": {}}}'), 400, "malformed_body"],
  ["nesting of nine", () => JSON.stringify(aLead({ x: nested(8) })), 413, "payload_too_large"],
  [
    "nesting of a hundred thousand",
    () => withText(`"x": ${"[".repeat(1e5)}${"]".repeat(1e5)}`),
    413,
    "payload_too_large",
  ],
  ["201 keys", () => JSON.stringify(wide(201)), 413, "payload_too_large"],
  ["300 KiB", () => JSON.stringify(aLead({ note: "x".repeat(300 * 1024) })), 413, "payload_too_large"],
];

const WRONG_FIELDS: [string, object, string, string][] = [
  ["a number beyond all bounds", { x: "1e400" }, "x", "out_of_range"],
  ["NUL in a name", { first_name: "A\0da" }, "first_name", "invalid_format"],
  ["half of a surrogate pair", { last_name: "\ud800" }, "last_name", "invalid_format"],
  ["NUL in a field that nobody described", { note: "a\0b" }, "note", "invalid_format"],
  ["half of a surrogate pair deep inside", { note: { a: ["\udfff"] } }, "note", "invalid_format"],
  ["NUL in a key deep inside", { note: { "a\0": 1 } }, "note", "invalid_format"],
  ["a name of 10,000 characters", { first_name: "x".repeat(10_000) }, "first_name", "too_long"],
  ["an object for a name", { first_name: { first: "Ada" } }, "first_name", "invalid_type"],
  ["two phones for a phone", { phone: ["5125550100", "5125550101"] }, "phone", "not_allowed"],
  ["true for an e-mail", { email: true }, "email", "invalid_type"],
  ["nothing for a name", { first_name: "" }, "first_name", "required"],
  ["blanks for a name", { last_name: " \t\u00a0 " }, "last_name", "required"],
  ["null for a phone", { phone: null }, "phone", "required"],
  ["a name of which nothing can be seen", { first_name: "\u200b\u2060\u3164" }, "first_name", "required"],
  ["NUL in the name of a field", { "a\0b": 1 }, "a?b", "unknown_field"],
];

/** Every text and number of six characters or more in what was sent, keys left out. */
function valuesIn(sent: unknown): string[] {
  if (typeof sent === "string" || typeof sent === "number")
    return String(sent).length >= 6 ? [String(sent)] : [];
  return typeof sent === "object" && sent !== null ? Object.values(sent).flatMap(valuesIn) : [];
}

const ANSWERS = [200, 201, 400, 401, 403, 404, 413, 415, 422];
const FIELD_NAMES = [
  "first_name",
  "last_name",
  "phone",
  "email",
  "state",
  "zip_code",
  "source",
  "roof_age",
  "when",
  "kind",
];

const awkward = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ minLength: 6 }),
  fc.string({ minLength: 190, maxLength: 300 }),
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.constantFrom(
    null,
    "",
    " ",
    "\0",
    "\ud800",
    -0,
    1e308,
    "1e400",
    "2026-02-30",
    "+15125550100",
    "ada.lovelace@example.com",
  ),
  fc.array(fc.string(), { maxLength: 3 }),
  fc.object({ maxDepth: 3 }),
);
const anyLead = fc.dictionary(
  fc.oneof(fc.constantFrom(...FIELD_NAMES), fc.string({ maxLength: 80 })),
  awkward,
  { maxKeys: 12 },
);

journeys("bad input", (journey) => {
  test("a request with two hosts, or with one that is none, is 400, and the last on its connection", async () => {
    for (const host of ["a.example, b.example", 'a"><b>.example']) {
      const { status, body, headers } = await journey.leadgate.call("GET", "/livez", { headers: { host } });
      expect([status, body.error, headers.get("connection")]).toEqual([400, "malformed_body", "close"]);
    }
  });

  describe("its form", () => {
    test("bad input is refused as a whole when its form is wrong, and nothing is taken in", async () => {
      const { leadgate } = journey;
      await leadgate.configure(aDocument());
      for (const [what, body, status, error] of REFUSED) {
        const reply = await post(leadgate, body());
        expect([what, reply.status, reply.error]).toEqual([what, status, error]);
      }
      expect(({} as Record<string, unknown>)["is_admin"]).toBeUndefined();
      expect((await leadgate.admin("GET", "/leads")).body.data).toEqual([]);
    });

    test("bad input is refused field by field when only values are wrong", async () => {
      const { leadgate } = journey;
      await leadgate.configure(aDocument());
      for (const [what, over, field, code] of WRONG_FIELDS) {
        const body = JSON.stringify(aLead({ ...over })).replace('"1e400"', "1e400");
        const reply = await post(leadgate, body);
        expect([what, reply.status, reply.error]).toEqual([what, 400, "validation_failed"]);
        const [error, ...others] = JSON.parse(reply.text).field_errors;
        expect([what, error.field, error.code, others]).toEqual([what, field, code, []]);
      }
    });

    test("bad input of another media type is refused before it is read", async () => {
      const { leadgate } = journey;
      await leadgate.configure(aDocument());
      const body = JSON.stringify(aLead());
      for (const type of [
        "text/plain",
        "application/xml",
        "multipart/form-data; boundary=x",
        "json",
        "application/jsonp",
      ]) {
        expect([type, (await post(leadgate, body, type)).status]).toEqual([type, 415]);
      }
      expect((await post(leadgate, body, JSON_TYPE, { "content-encoding": "gzip" })).status).toBe(415);
      expect((await post(leadgate, body, "Application/JSON; charset=utf-8")).status).toBe(201);
    });

    test("bad input in a form is refused as in JSON", async () => {
      const { leadgate } = journey;
      await leadgate.configure(aDocument());
      const form = new URLSearchParams(aLead() as Record<string, string>).toString();
      const cases: [string, number, string][] = [
        [`${form}&email=other@example.com`, 400, "validation_failed"],
        [`${form}&__proto__=1`, 400, "malformed_body"],
        [`${form}&constructor=1`, 400, "malformed_body"],
        [`${form}&note=%00`, 400, "validation_failed"],
        [`${form}&${"k=".repeat(300).replaceAll("k=", (_, at) => `k${at}=&`)}`, 413, "payload_too_large"],
        [`${form}&note=${"x".repeat(300 * 1024)}`, 413, "payload_too_large"],
        [JSON.stringify(aLead()), 400, "validation_failed"],
        ["", 400, "validation_failed"],
        ["=&&&%", 400, "validation_failed"],
        ["=&&=", 400, "validation_failed"],
      ];
      for (const [body, status, error] of cases) {
        const reply = await post(leadgate, body, FORM_TYPE);
        expect([body.slice(-20), reply.status, reply.error]).toEqual([body.slice(-20), status, error]);
      }
    });

    test("bad input in the ids finds nothing, whatever they hold", async () => {
      const { leadgate } = journey;
      await leadgate.configure(aDocument());
      for (const id of [
        "a\0b",
        "\ud800",
        "'; drop table leads; --",
        "SOLAR",
        "x".repeat(128),
        "../solar",
        "%00",
      ]) {
        const asCampaign = await post(leadgate, JSON.stringify(aLead({ flo_campaign_id: id })));
        expect([400, 404]).toContain(asCampaign.status);
        const asSupplier = await post(leadgate, JSON.stringify(aLead({ flo_supplier_id: id })));
        expect([id, asSupplier.status, asSupplier.error]).toEqual([id, 403, "forbidden"]);
      }
    });

    test("a body of just the allowed size, depth and keys is taken, also with a byte order mark", async () => {
      const { leadgate } = journey;
      await leadgate.configure(aDocument());
      expect((await post(leadgate, JSON.stringify(aLead({ x: nested(7) })))).status).toBe(201);
      const lead = aLead();
      expect(
        (await post(leadgate, JSON.stringify({ ...lead, ...wide(200 - Object.keys(lead).length) }))).status,
      ).toBe(201);
      expect((await post(leadgate, `\ufeff${JSON.stringify(aLead())}`)).status).toBe(201);
      const text = JSON.stringify(aLead({ note: "" }));
      const full = text.replace('"note":""', `"note":"${"x".repeat(256 * 1024 - text.length)}"`);
      expect((await post(leadgate, full)).status).toBe(201);
      expect((await post(leadgate, `${full} `)).status).toBe(413);
      const strange = { note: '{"quoted": "json", \\"x\\": 1}', "a b": "🦆 \u2028", n: -0.5e-7, x: '":"' };
      expect((await post(leadgate, JSON.stringify(aLead(strange)))).status).toBe(201);
    });

    test("bad input over a socket gets the same answers, with and without a declared length", async () => {
      const { leadgate } = journey;
      await leadgate.configure(aDocument());
      const port = await leadgate.server.listen("127.0.0.1", 0);
      const send = async (body: BodyInit) => {
        const response = await fetch(`http://127.0.0.1:${port}/api/v1/ingest`, {
          method: "POST",
          headers: { "x-api-key": leadgate.keyOf("acme"), "content-type": JSON_TYPE },
          body,
        });
        return [response.status, (await response.json().catch(() => null))?.error];
      };
      const chunked = (text: string) => new Blob([text]).stream();
      const large = JSON.stringify(aLead({ note: "x".repeat(300 * 1024) }));
      try {
        expect(await send(JSON.stringify(aLead()))).toEqual([201, undefined]);
        expect(await send(chunked(JSON.stringify(aLead())))).toEqual([201, undefined]);
        expect(await send(large)).toEqual([413, "payload_too_large"]);
        expect(await send(chunked(large))).toEqual([413, "payload_too_large"]);
        expect(await send(chunked("{"))).toEqual([400, "malformed_body"]);
        const vast = JSON.stringify(aLead({ note: "x".repeat(7 * 1024 * 1024) }));
        expect(await send(vast)).toEqual([413, "payload_too_large"]);
      } finally {
        await leadgate.server.stop();
      }
    });
  });

  describe("anything at all", () => {
    describe("to a campaign that checks and keeps what it can", () => {
      const fields = [
        { name: "roof_age", type: "integer" as const, min: 0, max: 120, map: { old: 99 } },
        { name: "when", type: "date" as const },
        { name: "kind", type: "enum" as const, values: ["auto", "slip"] },
      ];
      const filters = { not: { field: "source", op: "matches" as const, value: "^(a+)+$" } };
      const rule = { fields: ["phone", "email", "roof_age"] };

      test("whatever is sent as fields gets an answer of the table that repeats none of it, and no line of the log does", async () => {
        const { leadgate } = journey;
        await leadgate.configure(aDocument({ campaign: { fields, filters, duplicates: rule } }));
        await fc.assert(
          fc.asyncProperty(anyLead, fc.boolean(), async (over, complete) => {
            const sent = { ...(complete ? aLead() : {}), ...over };
            const body = { flo_campaign_id: "solar", flo_supplier_id: "acme", ...sent };
            const reply = await post(leadgate, JSON.stringify(body));
            expect(ANSWERS).toContain(reply.status);
            for (const value of valuesIn(sent)) {
              expect(reply.text).not.toContain(value);
              expect(leadgate.logged.join("\n")).not.toContain(value);
            }
          }),
          { numRuns: 200 },
        );
      });

      test("whatever is sent as bytes, gets an answer of the table", async () => {
        const { leadgate } = journey;
        await leadgate.configure(aDocument());
        const start = new TextEncoder().encode('{"flo_campaign_id":"solar","flo_supplier_id":"acme","x":');
        const bytes = fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          fc.uint8Array({ maxLength: 50 }).map((rest) => Buffer.concat([start, rest])),
          fc.json().map((text) => new TextEncoder().encode(text)),
        );
        const types = fc.constantFrom(JSON_TYPE, FORM_TYPE, "text/plain");
        await fc.assert(
          fc.asyncProperty(bytes, types, async (body, type) => {
            expect(ANSWERS).toContain((await post(leadgate, new Uint8Array(body), type)).status);
          }),
          { numRuns: 200 },
        );
        expect((await leadgate.ingest("acme", aLead())).status).toBe(201);
      });
    });
  });

  describe("a lead that the database refuses", () => {
    const refuse = (database: Database) =>
      database.makeTables((tx) =>
        tx.execute(
          sql`alter table leads add constraint planted check (fields ->> 'last_name' <> 'Unstorable')`,
        ),
      );
    const allow = (database: Database) =>
      database.makeTables((tx) => tx.execute(sql`alter table leads drop constraint planted`));

    test("a lead that the database refuses gets 400, leaves its idempotency key free, and fails no lead beside it", async () => {
      const { leadgate, database } = journey;
      await leadgate.configure(aDocument({ contracts: { first: { caps: { total: { leads: 6 } } } } }));
      const bad = aLead({ last_name: "Unstorable" });
      await refuse(database);
      try {
        const sent = Array.from({ length: 12 }, (_, index) => {
          const headers = index % 4 === 1 ? { "idempotency-key": `order-${index}` } : {};
          return leadgate.ingest(
            "acme",
            index % 4 === 1 ? { ...bad, email: `bad.${index}@example.com` } : aLead(),
            headers,
          );
        });
        const replies = await Promise.all(sent);
        expect(replies.map(({ status }) => status)).toEqual([
          201, 400, 201, 201, 201, 400, 201, 201, 201, 400, 201, 201,
        ]);
        expect(replies[1]?.body).toMatchObject({ error: "malformed_body" });
        const served = replies.flatMap(({ body }) => body.data?.buyer_id ?? []);
        expect(served.filter((buyer) => buyer === "first")).toHaveLength(6);
      } finally {
        await allow(database);
      }
      expect(leadgate.logged.join("\n")).not.toContain("Unstorable");
      const repaired = await leadgate.ingest("acme", bad, { "idempotency-key": "order-1" });
      expect(repaired.status).toBe(201);
    });

    test("leads that were written are told so, also when the database goes away behind one that it refuses", async () => {
      const { leadgate, database } = journey;
      await leadgate.configure(aDocument());
      let refusals = 0;
      const dying: Database = {
        ...database,
        write: async (work) => {
          if (refusals === 3) throw new DatabaseUnavailable("gone");
          return await database.write(work).catch((error: unknown) => {
            refusals += 1;
            throw error;
          });
        },
      };
      const keys = new Map([["acme", leadgate.keyOf("acme")]]);
      const server = openLeadgate(dying, testClock(), keys, {}, leadgate.acknowledged);
      const leads = [aLead(), aLead({ last_name: "Unstorable" }), aLead()];
      await server.ingest("acme", aLead());
      await refuse(database);
      try {
        // The first is decided alone; the others then together, and after that refusal by halves.
        const first = server.ingest("acme", aLead());
        const rest = leads.map((lead) => server.ingest("acme", lead));
        const statuses = (await Promise.all([first, ...rest])).map(({ status }) => status);
        expect(statuses).toEqual([201, 201, 400, 503]);
      } finally {
        await allow(database);
      }
      await server.server.stop();
      expect((await leadgate.admin("GET", "/leads")).body.data).toHaveLength(3);
    });
  });
});
