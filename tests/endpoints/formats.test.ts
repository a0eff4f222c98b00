import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseXml } from "#endpoints/answers/xpath.ts";
import { compose } from "#endpoints/compose.ts";
import { FORMATS, type ValueKind } from "#endpoints/message/formats.ts";
import { fillIn, placeholderProblems } from "#endpoints/message/placeholder.ts";
import { saleVariableNames, valuesOfSale } from "#endpoints/message/sale-variables.ts";
import { type WireValue, wireText } from "#endpoints/message/wire-value.ts";
import { sale, settingsOf } from "./sales.ts";

function filled(text: string, value?: unknown): WireValue | undefined {
  return fillIn(text, valuesOfSale(sale(value === undefined ? {} : { v: value })));
}

/** What is said of a text in which `{v}` is of this kind. */
function problems(text: string, ...kinds: ValueKind[]): string[] {
  return placeholderProblems(text, saleVariableNames(new Map([["v", kinds]])));
}

test.each<[string, ValueKind, unknown, WireValue | undefined]>([
  ["e164", "phone", "+15125552846", "+15125552846"],
  ["e164", "phone", "+442071838750", "+442071838750"],
  ["e164", "phone", "555", undefined],
  ["digits", "phone", "+15125552846", "15125552846"],
  ["national", "phone", "+15125552846", "5125552846"],
  ["national", "phone", "+442071838750", "2071838750"],
  ["national", "phone", "nobody's", undefined],
  ["national", "phone", 5125552846, undefined],
  ["pretty", "phone", "+15125552846", "(512) 555-2846"],
  ["pretty", "phone", "+442071838750", "020 7183 8750"],
  ["area", "phone", "+15125552846", "512"],
  ["area", "phone", "+442071838750", undefined],
  ["exchange", "phone", "+15125552846", "555"],
  ["line", "phone", "+15125552846", "2846"],
  ["extension", "phone", "+15125552846", ""],
  ["date:MM/DD/YYYY", "date", "1985-02-09", "02/09/1985"],
  ["date:M/D/YY", "date", "2005-02-09", "2/9/05"],
  ["date:YYYYMMDD", "date", "1985-02-09", "19850209"],
  ["date:MM/DD/YYYY", "date", "1985-02-30", undefined],
  ["date:MM/DD/YYYY", "date", "9 February 1985", undefined],
  // A moment has its day in the campaign's zone, which is Chicago's.
  ["date:MM/DD/YYYY", "datetime", "2026-05-01T03:30:00Z", "04/30/2026"],
  ["date:YYYY-MM-DDTHH:mm:ssZ", "datetime", "2026-05-01T03:30:09Z", "2026-04-30T22:30:09-05:00"],
  ["date:hh:mm A", "datetime", "2026-05-01T05:05:00Z", "12:05 AM"],
  ["date:hh:mm A", "datetime", "2026-05-01T17:05:00Z", "12:05 PM"],
  ["date:HH:mm A", "datetime", "2026-05-01T18:05:00Z", "13:05 PM"],
  ["unix", "datetime", "2026-05-01T12:00:00.900Z", 1777636800],
  ["unix", "date", "1970-01-02", 86400],
  ["unix", "date", "soon", undefined],
  ["zip5", "zip", "02134-1234", "02134"],
  ["zip5", "zip", "02134", "02134"],
  ["zip5", "zip", "K1A 0B1", "K1A 0B1"],
  ["url_path", "url", "https://cert.trustedform.com/0a1b?ref=2#top", "0a1b"],
  ["url_path", "text", "ftp://cert.trustedform.com/0a1b", undefined],
  ["yes_no:Y,N", "boolean", true, "Y"],
  ["yes_no:Y,N", "boolean", false, "N"],
  ["yes_no:1,", "boolean", false, ""],
  ["yes_no:Y,N", "boolean", "true", undefined],
  ["number:2", "number", 1234.5, "1234.50"],
  ["number:2", "number", 1.005, "1.01"],
  ["number:0", "number", -0.5, "-1"],
  ["number:0", "number", -0.4, "0"],
  ["number:0", "integer", 7, "7"],
  ["number:3", "number", 1e21, "1000000000000000000000.000"],
  ["number:7", "number", 2.5e-7, "0.0000003"],
  ["number:2", "number", "12.345", "12.35"],
  ["number:2", "number", "twelve", undefined],
  ["number:2", "number", "1e5", undefined],
  ["number:1", "number", -1.5e-9, "0.0"],
  ["upper", "text", "née", "NÉE"],
  ["lower", "text", "ANN", "ann"],
  ["title", "text", "ANN o'brien-smith", "Ann O'Brien-Smith"],
  ["title", "text", "don’t", "Don’t"],
  ["trim", "text", "  a b\t", "a b"],
  ["first:2", "text", "a😀b", "a😀"],
  ["last:2", "text", "a😀b", "😀b"],
  ["first:9", "text", "ab", "ab"],
  ["first:4", "integer", 123456, "1234"],
  ["md5", "text", "abc", "900150983cd24fb0d6963f7d28e17f72"],
  ["sha256", "text", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
  ["default:none", "text", undefined, "none"],
  ["default:none", "text", null, "none"],
  ["default:none", "text", "", "none"],
  ["default:none", "number", 0, 0],
  ["default:", "text", undefined, ""],
  ["upper", "text", undefined, undefined],
  ["national|default:none", "phone", undefined, "none"],
  ["trim|lower|md5|upper|first:4", "email", " ABC ", "9001"],
])("the filter %s on a value of type %s makes %p into %p", (filter, kind, value, expected) => {
  expect(problems(`{v|${filter}}`, kind)).toEqual([]);
  expect(filled(`{v|${filter}}`, value)).toEqual(expected as never);
  expect(filled(`<{v|${filter}}>`, value)).toBe(`<${wireText(expected ?? null)}>`);
});

test("a filter's kinds and the tests of filters leave none out", () => {
  expect([...FORMATS.keys()].toSorted()).toEqual(
    "area,date,default,digits,e164,exchange,extension,first,last,line,lower,md5,national,number,pretty,sha256,title,trim,unix,upper,url_path,yes_no,zip5".split(
      ",",
    ),
  );
});

test("placeholders name what belongs to the sale, the day of the campaign's zone among it", () => {
  const values = valuesOfSale({ ...sale(), decidedAt: "2026-05-01T03:00:00.000Z" });
  expect(
    fillIn("{today} {today|date:M/D/YYYY} {now} {received_at|unix} {sale_id} {price|number:1}", values),
  ).toBe("2026-04-30 4/30/2026 2026-05-01T03:00:00.000Z 1777636770 sale_01h455vb4pex5vsknk084sn02q 40.0");
  expect(
    placeholderProblems(
      "{price|number:0}{is_test|yes_no:1,0}{today|date:DD}{now|unix}",
      saleVariableNames(new Map()),
    ),
  ).toEqual([]);
});

describe("a placeholder is refused", () => {
  test.each<[string, ValueKind, string]>([
    [
      "{v|nationl}",
      "phone",
      "has the filter |nationl behind {v}, which is not known; did you mean national?",
    ],
    ["{v|}", "phone", "has the filter | behind {v}, which is not known"],
    ["{v|zzzzzzzzzzzz}", "phone", "has the filter |zzzzzzzzzzzz behind {v}, which is not known"],
    ["{vv}", "text", "names {vv}, which is neither a field nor a value of the sale; did you mean {v}?"],
    [
      "{v|national}",
      "date",
      "has the filter |national behind {v}, which is for the type phone: the value is of type date",
    ],
    [
      "{v|upper|date:DD}",
      "date",
      "has the filter |date behind {v}, which is for the type date or datetime: the value is a text by then",
    ],
    ["{v|national:3}", "phone", "has the filter |national behind {v}, which takes nothing behind it"],
    [
      "{v|yes_no:Y}",
      "boolean",
      "has the filter |yes_no behind {v}, which needs two words with a comma between, as in yes_no:Y,N",
    ],
    [
      "{v|number}",
      "number",
      "has the filter |number behind {v}, which needs a number of decimals from 0 to 10, as in number:2",
    ],
    [
      "{v|first:0}",
      "text",
      "has the filter |first behind {v}, which needs a number of characters from 1 to 999, as in first:5",
    ],
    ["{v|default}", "text", "has the filter |default behind {v}, which needs a text, as in default:unknown"],
    [
      "{v|date:mm/DD/YYYY}",
      "date",
      "has the filter |date behind {v}, which needs a pattern for a date of YYYY YY MM M DD D, not mm, as in date:MM/DD/YYYY",
    ],
    ["{v |upper}", "text", "has a brace that belongs to no {name}; for a brace itself write {{ or }}"],
  ])("%s on %s: %s", (text, kind, message) => {
    expect(problems(text, kind)).toEqual([message]);
  });

  test("with a pattern that has letters which are no tokens, or none at all", () => {
    for (const pattern of ["", "//", "dd.mm.yyyy", "DDD", "YYYYY", "MM/DD/YYYY at HH"]) {
      expect(problems(`{v|date:${pattern}}`, "datetime")).toHaveLength(1);
    }
  });

  test("where the field has a type that does not fit in one of the campaigns", () => {
    expect(problems("{v|national}", "phone", "text")).toHaveLength(1);
    expect(problems("{v|national}", "any")).toEqual([]);
  });

  test("with more than ten filters", () => {
    expect(problems(`{v${"|trim".repeat(10)}}`, "text")).toEqual([]);
    expect(problems(`{v${"|trim".repeat(11)}}`, "text")).toHaveLength(1);
  });
});

test("filters are read in linear time", () => {
  const before = process.cpuUsage();
  for (const text of ["{v|".repeat(100_000), `{v${"|a:".repeat(100_000)}`, `{v|${"a".repeat(300_000)}`]) {
    problems(text, "text");
    filled(text, "x");
  }
  // Of the processor, which is as much on a busy machine.
  const { user, system } = process.cpuUsage(before);
  expect(user + system).toBeLessThan(5_000_000);
});

test("no value breaks out of its place, whatever its filters", () => {
  const filters = fc.constantFrom(
    "",
    "|trim",
    "|upper",
    "|title",
    "|first:3",
    "|last:3",
    "|default:x",
    "|zip5",
  );
  const nasty = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom(...Array.from("\"'<>&{}|%+=\r\n\\ a]")) }),
  );
  fc.assert(
    fc.property(nasty, filters, (v, filter) => {
      const template = { a: `[{v${filter}}]`, b: "end" };
      const bodyAs = (format: "json" | "form" | "xml") =>
        compose(sale({ v }), settingsOf({ method: "webhook", url: "https://b.example", format, template }))
          .body;
      const said = wireText(filled(template.a, v) ?? null);
      expect(JSON.parse(bodyAs("json"))).toEqual({ a: said, b: "end" });
      const form = new URLSearchParams(bodyAs("form"));
      expect([...form.keys()]).toEqual(["a", "b"]);
      expect(form.get("a")).toBe(said.toWellFormed());
      expect(parseXml(bodyAs("xml"))?.documentElement?.childNodes.length).toBe(2);
    }),
  );
});
