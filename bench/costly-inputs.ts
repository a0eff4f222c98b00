import { readDocument } from "#configuration/document-text.ts";
import { problemsIn } from "#configuration/problems/document-problems.ts";
import { LARGEST_YAML_HERE } from "#configuration/yaml/large-document.ts";
import { MAX_ANSWER_BYTES } from "#endpoints/answers/answer-reader.ts";
import { compileResponseRules, type ResponseRule } from "#endpoints/answers/response-rules.ts";
import { fillInBody } from "#endpoints/message/body-text.ts";
import { compileMapping } from "#fields/mapping.ts";
import { LEAD_LIMITS, readJsonObject } from "#http/body.ts";
import { OPERATORS_LIMITS } from "#http/json-body.ts";

/** An input of the largest allowed size, made to cost as much as it can, and what is done with it in one go. */
export interface CostlyInput {
  readonly of: "a supplier" | "a buyer" | "an operator";
  readonly name: string;
  run(): unknown;
}

export function costlyInputs(): CostlyInput[] {
  return [...bodies(), ...leads(), ...answers(), ...templates(), ...entries(), ...documents()];
}

const BODY_BYTES = LEAD_LIMITS.maxBytes;

function filling(bytes: number, item: (index: number) => string): string[] {
  const items: string[] = [];
  for (let length = 0; ; ) {
    const next = item(items.length);
    length += next.length + 1;
    if (length > bytes) return items;
    items.push(next);
  }
}

const list = (bytes: number, item: (index: number) => string) => `[${filling(bytes, item).join(",")}]`;
const short = (index: number) => index.toString(36);

/** Bodies of the largest allowed size, by what makes them costly. */
export function costlyBodies(): Record<string, string> {
  const inner = BODY_BYTES - 20;
  return {
    "short keys": `{${filling(inner, (index) => `"${short(index)}":1`).join(",")}}`,
    "one key again and again": `{${filling(inner, () => '"a":1').join(",")}}`,
    "keys within keys": `${'{"a":'.repeat(40_000)}1${"}".repeat(40_000)}`,
    "different short texts": `{"a":${list(inner, (index) => `"${short(index)}"`)}}`,
    "empty objects": `{"a":${list(inner, () => "{}")}}`,
    "lists within lists": "[".repeat(BODY_BYTES),
    "escaped quotes": `{"a":"${'\\"'.repeat(inner / 2)}"}`,
  };
}

function bodies(): CostlyInput[] {
  return Object.entries(costlyBodies()).map(([name, text]) => ({
    of: "a supplier",
    name: `body: ${name}`,
    run: () => readJsonObject(text, LEAD_LIMITS),
  }));
}

/** Bodies that are read whole, and then as leads. */
function leads(): CostlyInput[] {
  const fields = Array.from({ length: 150 }, (_, index) => ({
    name: `f${index}`,
    type: index % 2 === 0 ? ("phone" as const) : ("date" as const),
  }));
  const mapping = compileMapping(fields, { country: "US", unknownFields: "keep" });
  const of = (value: (index: number) => unknown) =>
    Object.fromEntries(Array.from({ length: 190 }, (_, index) => [`f${index}`, value(index)]));
  const many: Record<string, Record<string, unknown>> = {
    "190 phones and dates": of((index) => (index % 2 === 0 ? "+1 (512) 555-2846" : "13 January 2026")),
    "190 long texts": of(() => "5 ".repeat(600)),
    "2,000 values in lists": { ...of(() => "x"), list: Array.from({ length: 1_700 }, () => "é".repeat(60)) },
  };
  return Object.entries(many).map(([name, lead]) => {
    const text = JSON.stringify(lead);
    return {
      of: "a supplier",
      name: `lead: ${name}`,
      run() {
        const read = readJsonObject(text, LEAD_LIMITS);
        return read.ok ? mapping.read(read.body, "post") : read;
      },
    };
  });
}

function answers(): CostlyInput[] {
  const bytes = MAX_ANSWER_BYTES - 40;
  const rule = (when: ResponseRule["when"]): ResponseRule => ({ when, outcome: "accepted" });
  const cases: [string, ResponseRule["when"], string][] = [
    [
      "JSONPath over nested lists",
      { json_path: "$..a[?@.b == 1]", equals: "x" },
      `{"a":${"[".repeat(90)}${"]".repeat(90)}}`,
    ],
    [
      "JSONPath over 16 KiB of objects",
      { json_path: "$..[?@.b > 'a']", equals: "x" },
      list(bytes, () => '{"b":"a"}'),
    ],
    [
      "XPath over 16 KiB of elements",
      { xpath: "//a[b='1']/@c", equals: "x" },
      `<r>${"<a><b>1</b></a>".repeat(bytes / 16)}</r>`,
    ],
    [
      "XPath over 16 KiB of empty elements",
      { xpath: "//*[.='1']", equals: "x" },
      `<r>${"<a/>".repeat(bytes / 4)}</r>`,
    ],
    [
      "XPath over elements in one another",
      { xpath: "//*[.='1']//*", equals: "x" },
      `${"<a>1".repeat(90)}${"</a>".repeat(90)}`,
    ],
    ["a pattern over 16 KiB", { regex: "(a+)+b|(a|aa)+c" }, "a".repeat(bytes)],
    ["a pattern with counts over 16 KiB", { regex: "(\\w{1,40} ){3}z" }, "ab ".repeat(bytes / 3)],
  ];
  return cases.map(([name, when, body]) => {
    const judge = compileResponseRules([rule(when)]);
    return {
      of: "a buyer",
      name: `answer: ${name}`,
      run: () => judge({ status: 200, contentType: "application/json", body }),
    };
  });
}

function templates(): CostlyInput[] {
  const text = "{t|upper|lower|trim|sha256}".repeat(200);
  const values = { of: () => "x".repeat(10_000), timezone: "America/New_York" };
  return [
    {
      of: "an operator",
      name: "template: 200 placeholders with 4 filters each, for texts of 10,000",
      run: () => fillInBody(text, "json", values),
    },
  ];
}

/** What an operator sends as JSON, of the largest allowed size. */
function entries(): CostlyInput[] {
  const entry = (index: number) =>
    `{${["email", "phone", "first", "last", "state", "zip"].map((key) => `"${key}":"${key}${index}"`).join(",")}}`;
  const all = Array.from({ length: 10_000 }, (_, index) => entry(index)).join(",");
  const texts = Array.from({ length: 79_998 }, (_, index) => `"${short(index)}"`).join(",");
  const keys = Array.from({ length: 60_999 }, (_, index) => `"${short(index)}":1`).join(",");
  const bodies = {
    "10,000 entries of six values": `{"entries":[${all}]}`,
    "different short texts": `{"a":[${texts}]}`,
    "short keys": `{${keys}}`,
    "lists within lists": "[".repeat(OPERATORS_LIMITS.maxBytes),
  };
  return Object.entries(bodies).map(([name, text]) => ({
    of: "an operator",
    name: `body: ${name}`,
    run: () => readJsonObject(text, OPERATORS_LIMITS),
  }));
}

function documents(): CostlyInput[] {
  const yaml = filling(LARGEST_YAML_HERE - 100, () => "- {a: 1, b: [2]}");
  const campaigns = Array.from({ length: 1_000 }, (_, index) => ({
    id: `campaign-${index}`,
    buyers: [{ buyer: "first", price: "10.00" }],
  }));
  return [
    {
      of: "an operator",
      name: "YAML of the largest size that needs no thread",
      run: () => readDocument(yaml.join("\n"), "yaml"),
    },
    {
      of: "an operator",
      name: "document of 1,000 campaigns",
      run: () => problemsIn({ version: 1, buyers: [{ id: "first" }], campaigns }),
    },
  ];
}
