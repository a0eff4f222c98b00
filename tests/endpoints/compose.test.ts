import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseXml } from "#endpoints/answers/xpath.ts";
import { compose, composeAsk, eventBody } from "#endpoints/compose.ts";
import { otherForm } from "#endpoints/message/mail-listing.ts";
import type { Template } from "#endpoints/message/template.ts";
import { ask, sale, settingsOf, webhook } from "./sales.ts";

const lead = sale({ first_name: "Ann", roof_age: 12, owner: true, case_type: "Auto", note: null });

function jsonOf(template: Template, facts = lead): unknown {
  return JSON.parse(compose(facts, webhook({ template })).body);
}

describe("the default body", () => {
  const data = {
    lead_id: lead.leadId,
    campaign_id: "campaign_abc123",
    buyer_id: "buyer_abc",
    is_test: false,
    price: "40.00",
    currency: "USD",
  };

  test("is the event with the lead's fields", () => {
    const { contentType, body, subject } = compose(lead, webhook());
    expect(contentType).toBe("application/json");
    expect(subject).toBeNull();
    expect(JSON.parse(body)).toEqual({
      type: "lead.accepted",
      timestamp: "2026-05-01T12:00:00.000Z",
      data: {
        ...data,
        fields: { first_name: "Ann", roof_age: 12, owner: true, case_type: "Auto", note: null },
      },
    });
  });

  test("leaves the fields out when it is thin", () => {
    const { body } = compose(lead, webhook({ body: "thin" }));
    expect(JSON.parse(body)).toEqual({ type: "lead.accepted", timestamp: lead.decidedAt, data });
  });

  test("never names the supplier", () => {
    for (const format of ["json", "form", "xml"] as const) {
      expect(compose(lead, webhook({ format })).body).not.toContain("supplier");
    }
  });

  test("of another event holds what it is given", () => {
    expect(
      JSON.parse(
        eventBody("lead.returned", "2026-05-02T00:00:00Z", { lead_id: "lead_1", reason: undefined }).body,
      ),
    ).toEqual({
      type: "lead.returned",
      timestamp: "2026-05-02T00:00:00Z",
      data: { lead_id: "lead_1" },
    });
  });
});

describe("a template", () => {
  test("puts values under the buyer's names, nested as the buyer has them", () => {
    expect(
      jsonOf({
        contact: { name: "{first_name}", roofs: [{ age: "{roof_age}" }] },
        source: "leadgate",
        version: 2,
        paid: "{price}",
      }),
    ).toEqual({
      contact: { name: "Ann", roofs: [{ age: 12 }] },
      source: "leadgate",
      version: 2,
      paid: "40.00",
    });
  });

  test("keeps a value's type when the placeholder stands alone, and writes text within text", () => {
    expect(jsonOf({ age: "{roof_age}", owner: "{owner}", said: "{roof_age} years, {owner}" })).toEqual({
      age: 12,
      owner: true,
      said: "12 years, true",
    });
  });

  test("leaves out a member whose value is missing, and keeps its place in a list", () => {
    expect(jsonOf({ a: "{note}", b: "{absent}", c: ["{absent}", 1], d: "[{absent}]", e: null })).toEqual({
      c: [null, 1],
      d: "[]",
      e: null,
    });
  });

  test("takes doubled braces for braces", () => {
    expect(jsonOf({ a: "{{first_name}} is {first_name}", b: "{{{first_name}}}" })).toEqual({
      a: "{first_name} is Ann",
      b: "{Ann}",
    });
  });

  test("tells a field from the sale's value of the same name", () => {
    expect(jsonOf({ sold: "{price}", house: "{fields.price}" }, sale({ price: 350_000 }))).toEqual({
      sold: "40.00",
      house: 350_000,
    });
  });

  test("repeats to the buyer what it answered to the ping, and nothing where it was not asked", () => {
    const template = {
      id: "{ping.id}",
      ref: "{ping.reference}",
      paid: "{ping.price}",
      note: "for {ping.reference}",
    };
    const sold = { ...lead, ping: { id: "ping_1", reference: "R-7", price: "41.50" } };
    expect(jsonOf(template, sold)).toEqual({ id: "ping_1", ref: "R-7", paid: "41.50", note: "for R-7" });
    expect(jsonOf(template)).toEqual({ id: "", ref: "", paid: "", note: "for " });
    expect(jsonOf(template, { ...lead, ping: { id: null, reference: null, price: "1" } })).toEqual({
      id: "",
      ref: "",
      paid: "1",
      note: "for ",
    });
  });

  test("does not reach what every object inherits", () => {
    expect(jsonOf({ a: "{constructor}", b: "{fields.constructor}" })).toEqual({});
  });

  test.each([
    [{ auto: 1, slip: 2 }, undefined, 1],
    [{ AUTO: "x", Auto: "y" }, undefined, "y"],
    [{ slip: 2 }, 0, 0],
    [{ slip: 2 }, "{case_type}!", "Auto!"],
    [{ slip: 2 }, undefined, undefined],
  ])("maps a value by %p, otherwise %p", (choices, otherwise, expected) => {
    const part = {
      $from: "case_type",
      $map: choices,
      ...(otherwise === undefined ? {} : { $otherwise: otherwise }),
    };
    expect(jsonOf({ kind: part })).toEqual(expected === undefined ? {} : { kind: expected });
  });

  test("maps a missing value to what is otherwise", () => {
    expect(jsonOf({ kind: { $from: "note", $map: { "": 1 }, $otherwise: 9 } })).toEqual({ kind: 9 });
  });

  test("maps true and numbers by their text", () => {
    expect(
      jsonOf({ a: { $from: "owner", $map: { true: "Y" } }, b: { $from: "roof_age", $map: { "12": "old" } } }),
    ).toEqual({
      a: "Y",
      b: "old",
    });
  });
});

describe("a form", () => {
  test("nests names in brackets and repeats a list's name", () => {
    const template = { a: { b: "{first_name}", c: null }, tags: ["x", 1], rows: [{ n: 1 }, { n: 2 }] };
    const { contentType, body } = compose(lead, webhook({ format: "form", template }));
    expect(contentType).toBe("application/x-www-form-urlencoded");
    expect([...new URLSearchParams(body)]).toEqual([
      ["a[b]", "Ann"],
      ["a[c]", ""],
      ["tags", "x"],
      ["tags", "1"],
      ["rows[0][n]", "1"],
      ["rows[1][n]", "2"],
    ]);
  });

  test("gives back any text that can be sent", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string({ unit: "binary" }), { maxKeys: 5 }), (fields) => {
        const { body } = compose(sale(fields), webhook({ format: "form" }));
        const read = new URLSearchParams(body);
        for (const [name, value] of Object.entries(fields)) {
          expect(read.get(`data[fields][${name}]`)).toBe(value);
        }
      }),
    );
  });
});

describe("XML", () => {
  test("has an element per name, and one per entry of a list", () => {
    const template = { a: { b: "<&>\"'" }, tags: ["x", ["y", 1]], none: [], empty: null };
    const { contentType, body } = compose(lead, webhook({ format: "xml", template, xml_root: "post" }));
    expect(contentType).toBe("application/xml");
    expect(body).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<post><a><b>&lt;&amp;&gt;&quot;&#39;</b></a>' +
        "<tags>x</tags><tags><item>y</item><item>1</item></tags><empty></empty></post>",
    );
  });

  test("drops what XML cannot hold, and makes a name of any field's name", () => {
    const facts = sale({ "no name:1": "a\u0000b\ud800c\uffffd\u{1f600}\r", "": 1 });
    expect(compose(facts, webhook({ format: "xml" })).body).toContain(
      "<fields><no_name_1>abcd\u{1f600}&#13;</no_name_1><_>1</_></fields>",
    );
  });

  test("reads back as what was written", () => {
    const writable = fc
      .string({ unit: "binary" })
      .map((text) => text.replace(/[^\t\n\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, ""));
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9_]{0,20}$/), writable), (fields) => {
        const document = parseXml(compose(sale(fields), webhook({ format: "xml" })).body);
        const written = document?.getElementsByTagName("fields").item(0);
        const read = Array.from(written?.childNodes ?? [], (node) => [node.nodeName, node.textContent]);
        expect(read).toEqual(Object.entries(fields));
      }),
    );
  });
});

describe("a ping", () => {
  const open = { zip_code: "78701", roof_age: 12, lead_id: "not ours", phone_sha256: "ab" };
  const pinged = ask({
    ...open,
    first_name: "Ann",
    last_name: "Lee",
    phone: "+15125550100",
    email: "a@b.example",
  });

  function askedWith(more: Partial<NonNullable<Parameters<typeof webhook>[0]>["ping"]> = {}) {
    const { ping } = webhook({ ping: { url: "https://buyer.example/ping", ...more } });
    if (ping === null) throw new Error("no ping");
    return composeAsk(pinged, ping, JSON.parse(ping.template ?? "null"));
  }

  test("says what was pinged, and for whom, but not of whom", () => {
    const { contentType, body } = askedWith();
    expect(contentType).toBe("application/json");
    expect(JSON.parse(body)).toEqual({
      type: "ping",
      timestamp: pinged.askedAt,
      data: {
        ping_id: pinged.pingId,
        campaign_id: "campaign_abc123",
        buyer_id: "buyer_abc",
        is_test: false,
        currency: "USD",
        fields: open,
      },
    });
  });

  test("is put in the buyer's own words and format", () => {
    const template = {
      Id: "{ping.id}",
      Zip: "{zip_code}",
      Name: "{first_name}",
      None: "{state}",
      Field: "{lead_id}",
      Test: "{is_test}",
    };
    expect(askedWith({ template, format: "form" })).toMatchObject({
      contentType: "application/x-www-form-urlencoded",
      body: `Id=${pinged.pingId}&Zip=78701&Name=Ann&Field=not+ours&Test=false`,
    });
    expect(askedWith({ template: { Zip: "{zip_code}" }, format: "xml" }).body).toEndWith(
      "<ping><Zip>78701</Zip></ping>",
    );
  });
});

describe("an e-mail", () => {
  const email = { method: "email" as const, to: ["desk@buyer.example"] };

  test("lists the fields under their labels, one value a line, and names the campaign in its subject", () => {
    const facts = sale({ first_name: "Ann", phone: "+15125552846", owner: true, note: "one\nprice: 0" });
    const { contentType, body, subject } = compose(facts, settingsOf(email));
    expect(contentType).toBe("text/plain; charset=utf-8");
    expect(subject).toBe(`Solar Texas: new lead ${lead.leadId}`);
    expect(body).toBe(`New lead for Solar Texas

First name: Ann
phone: (512) 555-2846
owner: yes
note: one
  price: 0
Lead: ${lead.leadId}
Price: 40.00 USD
`);
  });

  test("says of a test lead in its first line that it is one", () => {
    const { body } = compose({ ...lead, isTest: true }, settingsOf(email));
    expect(body).toStartWith("Test lead for Solar Texas\n");
    expect(body).toContain("nobody is to be called");
  });

  test("is answered to the lead's own address, unless that may be more than one, or the body is thin", () => {
    const replyTo = (address: unknown, more = {}) =>
      compose(sale({ email: address }), settingsOf({ ...email, ...more })).request;
    expect(replyTo("ann@example.com")).toEqual({ method: "mail", replyTo: "ann@example.com" });
    for (const address of ["a@b.example,c@d.example", "Ann <a@b.example>", "a@b\r\nBcc: c@d", 7, undefined]) {
      expect(replyTo(address)).toBeUndefined();
    }
    expect(replyTo("ann@example.com", { body: "thin" })).toBeUndefined();
  });

  test("has its other form made of the one that is kept", () => {
    const facts = sale({ first_name: "<b>", note: "one\ntwo" });
    const { body } = compose(facts, settingsOf(email));
    expect(otherForm(body, "text", true)).toBe(compose(facts, settingsOf({ ...email, format: "html" })).body);
    expect(otherForm(body, "text", false)).toBeUndefined();
    expect(otherForm("<p>Hello<br>Ann &amp; Bob</p>\n<p>x</p>", "html", false)).toBe("Hello\nAnn & Bob\nx");
  });

  test("keeps a thin one free of the lead's fields", () => {
    expect(compose(lead, settingsOf({ ...email, body: "thin" })).body).not.toContain("Ann");
  });

  test("escapes values in HTML, in a template and in the listing", () => {
    const facts = sale({ first_name: "<b>" });
    const template = settingsOf({ ...email, format: "html", template: "<p>{first_name}</p>" });
    expect(compose(facts, template).body).toBe("<p>&lt;b&gt;</p>");
    expect(compose(facts, settingsOf({ ...email, format: "html" })).body).toContain(
      '<th align="left">First name</th><td>&lt;b&gt;</td>',
    );
  });

  test("writes each value of a template in one line, so that none of them begins another line", () => {
    const template = settingsOf({ ...email, template: "Name: {last_name}\nPhone: {phone}\n" });
    const facts = sale({ last_name: "B\r\nPhone: +1999\u2028x\u0085y\u001b[2J", phone: "+15125550001" });
    expect(compose(facts, template).body).toBe("Name: B Phone: +1999 x y [2J\nPhone: +15125550001\n");
    expect(compose(sale({ a: "x\u2028b: 1\u0007" }), settingsOf(email)).body).toContain("\na: x\n  b: 1 \n");
  });

  test("says of a test that it is one at the beginning of its subject", () => {
    const { subject } = compose({ ...sale({}), isTest: true }, settingsOf({ ...email, subject: "Roof" }));
    expect(subject).toBe("[TEST] Roof");
  });

  test("keeps its subject in one line of at most 200 characters", () => {
    const facts = sale({ first_name: `Ann\r\nBcc: all@example.com${"x".repeat(300)}` });
    const { subject } = compose(facts, settingsOf({ ...email, subject: "{first_name}" }));
    expect(subject).toStartWith("Ann Bcc: all@example.com");
    expect(subject).toHaveLength(200);
  });
});

test("a body is composed of any fields at all, and the same each time", () => {
  const anyFields = fc.dictionary(
    fc.string({ unit: "binary" }),
    fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withSparseArray: true,
    }),
  );
  const template = {
    all: "{fields.a}",
    text: "a {a} b",
    list: ["{a}", { a: { $from: "a", $map: { x: 1 } } }],
  };
  const deliveries = [
    ...(["json", "form", "xml"] as const).flatMap((format) => [
      webhook({ format }),
      webhook({ format, template }),
    ]),
    ...(["text", "html"] as const).flatMap((format) => [
      settingsOf({ method: "email", to: ["a@b.example"], format }),
      settingsOf({
        method: "email",
        to: ["a@b.example"],
        format,
        template: "{a} {fields.b}",
        subject: "{a}",
      }),
    ]),
  ];
  fc.assert(
    fc.property(anyFields, fc.anything(), fc.constantFrom(...deliveries), (fields, a, delivery) => {
      const facts = sale({ ...fields, a });
      const composed = compose(facts, delivery);
      expect(compose(facts, delivery)).toEqual(composed);
      if (composed.contentType === "application/json") JSON.parse(composed.body);
      if (composed.contentType === "application/xml") expect(parseXml(composed.body)).toBeDefined();
      expect(composed.body).not.toContain("\u0000");
      expect(composed.body.isWellFormed()).toBe(true);
    }),
  );
});
