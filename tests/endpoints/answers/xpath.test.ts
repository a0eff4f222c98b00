import { describe, expect, test } from "bun:test";
import type { Document } from "@xmldom/xmldom";
import fc from "fast-check";
import engine from "xpath";
import { compileXPath, parseXml } from "#endpoints/answers/xpath.ts";
import { least, runs } from "../../support/runs.ts";

function found(path: string, text: string): readonly string[] | undefined {
  const document = parseXml(text);
  return document && compileXPath(path)(document);
}

describe("a path into XML", () => {
  const text = `<?xml version="1.0"?>
    <r id="1"><lead n="a"><status>sold</status></lead><lead n="b"><status>dup</status><x>1</x></lead></r>`;

  test.each([
    ["/r/lead/status", ["sold", "dup"]],
    ["//status", ["sold", "dup"]],
    ["/r/@id", ["1"]],
    ["//@n", ["a", "b"]],
    ["/r/lead[2]/status", ["dup"]],
    ["/r/lead[last()]/@n", ["b"]],
    ["/r/lead[x]/@n", ["b"]],
    ["/r/lead[@n='a']/status/text()", ["sold"]],
    ["/r/lead[status='dup'][x = \"1\"]/@n", ["b"]],
    ["//status[.='sold']", ["sold"]],
    ["/*/*[1]/*", ["sold"]],
    ["//*[local-name()='x']", ["1"]],
    ["/lead", []],
  ])("%p finds %p", (path, expected) => {
    expect(found(path, text)).toEqual(expected);
  });

  test("finds a name in any namespace, with any prefix or none", () => {
    const soap = '<s:E xmlns:s="urn:s"><s:B><ok xmlns="urn:o" a="1">y</ok></s:B></s:E>';
    for (const path of ["/E/B/ok", "/s:E/s:B/ok", "/soap:E/soap:B/ok", "//ok[@a='1']"]) {
      expect(found(path, soap)).toEqual(["y"]);
    }
    expect(found("//@*", soap)).toEqual(["1"]);
  });

  test.each([
    "",
    "a",
    "/",
    "a/b",
    "/a/",
    "//",
    "/a[",
    "/a[0]",
    "/a[b=c]",
    "count(//a)",
    "/a | /b",
    "/a/..",
    "/@a/b",
    "/a/text()/b",
    "/a[local-name()]",
    `/${"a".repeat(200)}`,
  ])("is refused as %p", (path) => {
    expect(() => compileXPath(path)).toThrow(RangeError);
  });

  test("finds what a whole XPath engine finds", () => {
    const name = fc.constantFrom("a", "b", "c");
    const value = fc.constantFrom("x", "y", "");
    const xml = fc.letrec<{ element: string }>((tie) => ({
      element: fc
        .tuple(
          name,
          fc.option(value),
          fc.array(fc.oneof({ maxDepth: 4 }, fc.constantFrom("x", "y"), tie("element")), { maxLength: 4 }),
        )
        .map(
          ([tag, attribute, inner]) =>
            `<${tag}${attribute === null ? "" : ` k="${attribute}"`}>${inner.join("")}</${tag}>`,
        ),
    })).element;
    const test = fc.oneof(name, fc.constant("*"));
    const predicate = fc.oneof(
      fc.constantFrom(
        "[1]",
        "[2]",
        "[last()]",
        "[@k]",
        "[@k='x']",
        "[.='x']",
        "[text()='y']",
        "[local-name()='a']",
      ),
      fc.tuple(test, value).map(([of, equals]) => `[${of}='${equals}']`),
      test.map((of) => `[${of}]`),
    );
    const step = fc
      .tuple(fc.constantFrom("/", "//"), test, fc.array(predicate, { maxLength: 2 }))
      .map(([slash, of, predicates]) => slash + of + predicates.join(""));
    const path = fc
      .tuple(
        fc.array(step, { minLength: 1, maxLength: 4 }),
        fc.constantFrom("", "", "/@k", "//@k", "/text()"),
      )
      .map(([steps, end]) => steps.join("") + end);
    let foundSome = 0;
    fc.assert(
      fc.property(xml, path, (text, expression) => {
        const document = parseXml(text);
        if (document === undefined) throw new Error("not well-formed");
        const ours = compileXPath(expression)(document);
        if (ours.length > 0) foundSome += 1;
        expect(ours).toEqual(byEngine(expression, document));
      }),
      { numRuns: runs(1500) },
    );
    expect(foundSome).toBeGreaterThan(least(100));
  });
});

function byEngine(expression: string, document: Document): string[] {
  const nodes = engine.select(expression, document as never);
  if (!Array.isArray(nodes)) throw new Error("not a set of nodes");
  return nodes.map((node) => node.nodeValue ?? node.textContent ?? "");
}

describe("a text that came as XML", () => {
  test.each(["", "plain", "{}", "<a>", "<a></b>", "<a/><b/>", "<a>&nbsp;</a>", "<p>one<br>two</p>"])(
    "that is %p is no XML",
    (text) => {
      expect(parseXml(text)).toBeUndefined();
    },
  );

  test("is XML after a byte order mark and empty lines too", () => {
    expect(found("/a", '\ufeff\n <?xml version="1.0"?><a>1</a>')).toEqual(["1"]);
  });

  test("nested more than 100 deep is none", () => {
    expect(parseXml("<a>".repeat(98) + "</a>".repeat(98))).toBeDefined();
    expect(parseXml("<a>".repeat(101) + "</a>".repeat(101))).toBeUndefined();
  });

  test("keeps CDATA as text and comments out of it", () => {
    expect(found("/a", "<a>1<![CDATA[<2>]]><!-- 3 --><b>4</b></a>")).toEqual(["1<2>4"]);
  });
});

test("an answer with a document type is no XML, and is not read", () => {
  expect(found("/a", "<!DOCTYPE a><a>sold</a>")).toBeUndefined();
  expect(found("/a", '<!DOCTYPE a [<!ATTLIST a b NOTATION (a|a) "a">]><a>sold</a>')).toBeUndefined();
  expect(found("/a", "<a>sold</a>")).toEqual(["sold"]);
});
