import { expect, test } from "bun:test";
import { ConfigurationDocument } from "#campaigns/document.ts";
import { shownDocument } from "#configuration/secrets/document-secrets.ts";
import { isMapping } from "#text/problem.ts";

/** An example of all that a schema names; of a list one entry, of several forms the first that has an address in it. */
function exampleOf(schema: unknown): unknown {
  if (!isMapping(schema)) return null;
  if (schema.format === "leadgate:web-address") return { shown: "SHOWN", sealed: "SEALED" };
  if (Array.isArray(schema.anyOf)) {
    const examples = schema.anyOf.map(exampleOf);
    return examples.find((each) => JSON.stringify(each).includes("SEALED")) ?? examples[0];
  }
  if (isMapping(schema.properties)) {
    return Object.fromEntries(
      Object.entries(schema.properties).map(([name, each]) => [name, exampleOf(each)]),
    );
  }
  return schema.items === undefined ? null : [exampleOf(schema.items)];
}

test("every address that a document can have is shown without what is sealed of it", () => {
  const example = exampleOf(ConfigurationDocument);
  const sealed = JSON.stringify(example).match(/SEALED/g) ?? [];
  expect(sealed.length).toBeGreaterThanOrEqual(3);
  expect(JSON.stringify(shownDocument(example as object))).not.toContain("SEALED");
});
