import { describe, expect, test } from "bun:test";
import { readDocument } from "#configuration/document-text.ts";
import { problemsIn } from "#configuration/problems/document-problems.ts";
import { namedPaths } from "#configuration/problems/named-path.ts";

describe("a path of the document", () => {
  test("names entries of lists by id, buyer, supplier or name", () => {
    const named = namedPaths({
      campaigns: [
        { id: "solar", suppliers: [{ supplier: "acme" }], buyers: [{ buyer: "sunco", states: ["TX"] }] },
      ],
    });
    expect(named("campaigns[0].buyers[0].states[0]")).toBe("campaigns[solar].buyers[sunco].states[0]");
    expect(named("campaigns[0].suppliers[0]")).toBe("campaigns[solar].suppliers[acme]");
    expect(named("version")).toBe("version");
    expect(named("")).toBe("");
  });

  test("keeps the place of an entry without a name, with another's, with one of digits alone, or with one that is no word", () => {
    const named = namedPaths({
      buyers: [{}, { id: "one" }, { id: "one" }, { id: "24" }, { name: "Sun. Co" }],
    });
    const paths = [0, 1, 2, 3, 4].map((place) => `buyers[${place}].status`);
    expect(paths.map(named)).toEqual(paths);
  });
});

describe("what is wrong with a YAML text", () => {
  /** Each problem with its line and column. */
  function placesOf(text: string): string[] {
    const read = readDocument(text, "yaml");
    if (!read.ok) return [read.message];
    return problemsIn(read.document).map(({ path, code }) => {
      const place = read.placeOf?.(path, code === "unknown_field" ? "name" : "value");
      return `${place?.line}:${place?.column} ${path}`;
    });
  }

  test("has the line and column of the value, of the name that is not known, or of where something is missing", () => {
    expect(
      placesOf(`version: 1
buyers:
  - id: sunco
    delivery: { methd: webhook, url: "https://sunco.example" }
campaigns:
  - id: solar
    buyers:
      - buyer: suncoo
        states: [TX, OK,
          ZZ]
webhooks:
  - { id: books, url: "https://books.example" }
`),
    ).toEqual([
      "4:17 buyers[sunco].delivery.methd",
      "12:5 webhooks[books].events",
      "8:16 campaigns[solar].buyers[suncoo].buyer",
      "10:11 campaigns[solar].buyers[suncoo].states[2]",
    ]);
  });

  test("is found behind an alias, at the anchor", () => {
    expect(placesOf("version: 1\nsuppliers: &all\n  - { id: acme, status: on }\nbuyers: *all\n")).toEqual([
      "3:25 suppliers[acme].status",
      "3:25 buyers[acme].status",
    ]);
  });

  test.each(["", "\n", "# nothing yet\n", "---\n"])("is said of an empty one: %j", (text) => {
    expect(placesOf(text)).toEqual([expect.stringContaining("the document is empty")]);
  });

  test("is found in seconds for thousands of mistakes", () => {
    const text = `version: 1\nbuyers:\n${Array.from({ length: 5000 }, (_, n) => `  - { id: b${n}, status: on }\n`).join("")}`;
    expect(placesOf(text)).toHaveLength(5000);
  });
});
