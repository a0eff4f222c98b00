import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseXml } from "#endpoints/answers/xpath.ts";
import { deliveryProblems } from "#endpoints/delivery-problems.ts";
import { type BodyFormat, fillInBody } from "#endpoints/message/body-text.ts";
import { render, type Template } from "#endpoints/message/template.ts";
import type { TemplateValues } from "#endpoints/message/variables.ts";
import { writeXml } from "#endpoints/message/xml.ts";

function valuesOf(fields: Readonly<Record<string, unknown>>): TemplateValues {
  return { of: (name) => fields[name], timezone: "UTC" };
}

const fill = (format: BodyFormat, body: string, fields: Readonly<Record<string, unknown>>) =>
  fillInBody(body, format, valuesOf(fields));

const WEBHOOK = { method: "webhook", url: "https://sunco.example/" };
const KNOWN = new Map([
  ["first_name", ["text"]],
  ["phone", ["phone"]],
  ["roof_age", ["integer"]],
] as const);
const problemsOf = (definition: object) => deliveryProblems({ ...WEBHOOK, ...definition }, KNOWN);
const messagesOf = (definition: object) =>
  problemsOf(definition).map(({ path, message }) => `${path} ${message}`);

describe("a body that is a text", () => {
  test("escapes in JSON what stands within quotes, and writes by its own type what stands outside", () => {
    const body = '{"a": "Hi \\"{first_name}\\"", "b": {roof_age}, "c": {"d": {first_name}, "e": [{none}]}}';
    expect(JSON.parse(fill("json", body, { first_name: 'A"\\\n{roof_age}', roof_age: 12 }))).toEqual({
      a: 'Hi "A"\\\n{roof_age}"',
      b: 12,
      c: { d: 'A"\\\n{roof_age}', e: [null] },
    });
  });

  test("percent-encodes in a form, and escapes in XML", () => {
    const fields = { first_name: "A & <B>'s", phone: "+15125552846" };
    expect(fill("form", "n={first_name}&p={phone|national}\n", fields)).toBe(
      "n=A%20%26%20%3CB%3E's&p=5125552846",
    );
    expect(fill("xml", '<l n="{first_name}">{phone|digits}</l>\n', fields)).toBe(
      '<l n="A &amp; &lt;B&gt;&#39;s">15125552846</l>',
    );
    expect(fill("text", "Name: {first_name}; {none}{{}}", fields)).toBe("Name: A & <B>'s; {{}}");
  });

  test("is never broken by a value, whatever that holds", () => {
    const value = fc.oneof(fc.string({ unit: "binary" }), fc.double(), fc.boolean(), fc.constant(null));
    fc.assert(
      fc.property(value, (first_name) => {
        const json = JSON.parse(
          fill("json", '{"a":"{first_name}","b":{first_name},"c":"}"}', { first_name }),
        );
        expect(Object.keys(json)).toEqual(["a", "b", "c"]);
        const form = new URLSearchParams(fill("form", "a={first_name}&b=1", { first_name }));
        expect([...form.keys()]).toEqual(["a", "b"]);
        const xml = parseXml(fill("xml", '<a b="{first_name}"><c>{first_name}</c></a>', { first_name }));
        expect(xml?.documentElement?.getElementsByTagName("*").length).toBe(1);
      }),
    );
  });

  test("may be a fixed document", () => {
    for (const [format, body] of [
      ["json", '{"type":"ping"}'],
      ["xml", "<ping/>"],
      ["form", "ping="],
      ["text", "ping"],
    ]) {
      expect(messagesOf({ format, body })).toEqual([]);
    }
  });

  test("is taken for a ping as for a lead", () => {
    const ping = { url: "https://sunco.example/ping", format: "form", body: "r={roof_age}" };
    expect(messagesOf({ ping })).toEqual([]);
    expect(messagesOf({ ping: { ...ping, body: "r={roof}" } })[0]).toStartWith("ping.body names {roof}");
  });

  test.each([
    ["json", '{"a": {first_name}x}', "body must be full, thin, or a text that is JSON once it is filled in"],
    ["json", "fulll", "body must be full, thin, or a text that is JSON once it is filled in"],
    ["json", '{"a": "{nobody}"}', "body names {nobody}, which is neither a field nor a value of the sale"],
    ["json", '{"a": "{First_Name}"}', "body has {First_Name}, which is no placeholder"],
    ["xml", "<a>{ first_name }</a>", "body has { first_name }, which is no placeholder"],
    ["xml", "<a><b>{first_name}</a>", "body must be full, thin, or a text that is XML once it is filled in"],
    ["xml", "<soap:Body/>", "body must be full, thin, or a text that is XML once it is filled in"],
    ["xml", "<!DOCTYPE a><a/>", "body must be full, thin, or a text that is XML once it is filled in"],
    ["xml", "<{first_name}/>", "body must be full, thin, or a text that is XML once it is filled in"],
    ["form", "first name={first_name}", "body must be full, thin, or a form such as"],
    ["form", "{first_name}", "body must be full, thin, or a form such as"],
    [
      "text",
      "{roof_age|national}",
      "body has the filter |national behind {roof_age}, which is for the type phone",
    ],
  ])("is refused when it cannot work: %s %s", (format, body, message) => {
    expect(messagesOf({ format, body })[0]).toStartWith(message);
  });

  test("stands alone: with no template, no root, and not in a GET", () => {
    const body = "<a/>";
    expect(messagesOf({ format: "xml", body, template: { a: 1 } })).toEqual([
      "body must not be a text beside a template",
    ]);
    expect(messagesOf({ format: "xml", body, xml_root: "lead" })[0]).toStartWith("xml_root has no effect");
    expect(messagesOf({ format: "text" })).toEqual(["format needs a body: a text with placeholders"]);
    expect(messagesOf({ http_method: "GET", body: '"x"' })[0]).toStartWith("body is only for a body");
  });
});

describe("XML of a template", () => {
  const xmlOf = (template: Template, fields = {}) =>
    writeXml("Lead", render(template, valuesOf(fields)), "template");

  test("has attributes, text beside them, and namespaces", () => {
    const template = {
      "@xmlns:x": "urn:x",
      "@id": "{lead_id}",
      "@none": "{none}",
      "x:Phone": { "@type": "home", "#text": "{phone|national}" },
      Tag: [{ "@n": 1 }, { "@n": 2 }],
    };
    const fields = { lead_id: 'l"1', phone: "+15125552846" };
    expect(messagesOf({ format: "xml", template })[0]).toContain("names {none}");
    expect(xmlOf(template, fields)).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<Lead xmlns:x="urn:x" id="l&quot;1">' +
        '<x:Phone type="home">5125552846</x:Phone><Tag n="1"></Tag><Tag n="2"></Tag></Lead>',
    );
  });

  test("gives a lead's value no prefix that is not bound where it is put in", () => {
    const put = writeXml(
      "Lead",
      { "@xmlns:x": "urn:x", "x:All": { "A:B": 1, "@A:c": 2, "x:D": 3 } },
      "template",
    );
    expect(put).toEndWith("<x:All><A_B>1</A_B><_A_c>2</_A_c><x:D>3</x:D></x:All></Lead>");
  });

  test("gives a lead's own names no prefix and no attribute in the default body", () => {
    const body = { "@onload": "x", "soap:Body": 1, "#text": "t" };
    expect(writeXml("lead", body, "lead")).toEndWith(
      "<lead><_onload>x</_onload><soap_Body>1</soap_Body><_text>t</_text></lead>",
    );
  });

  test("is refused with a prefix without namespace, and with an attribute that is a mapping", () => {
    expect(messagesOf({ format: "xml", template: { "soap:Body": 1 } })[0]).toStartWith(
      "template makes no XML",
    );
    expect(messagesOf({ format: "xml", template: { "@a": { b: 1 } } })[0]).toStartWith(
      "template.@a must be a text",
    );
    expect(messagesOf({ format: "xml", template: { "a:b:c": 1 } })[0]).toContain("must be an element's name");
    const template = { "@xmlns:soap": "urn:s", "soap:Body": 1 };
    expect(messagesOf({ format: "xml", xml_root: "soap:Envelope", template })).toEqual([]);
  });
});

test("a body has a thousand placeholders and filters at most, be it a text or a template", () => {
  const many = (count: number) => "{first_name|upper|trim}".repeat(count);
  const templateOf = (count: number) => ({ template: { a: many(150), b: [many(150), many(count - 300)] } });
  const tooMany = "must have at most 1,000 placeholders and filters together";
  expect(messagesOf({ format: "text", body: many(333) })).toEqual([]);
  expect(messagesOf({ format: "text", body: many(334) })).toEqual([`body ${tooMany}`]);
  expect(messagesOf(templateOf(333))).toEqual([]);
  expect(messagesOf(templateOf(334))).toEqual([`template ${tooMany}`]);
});
