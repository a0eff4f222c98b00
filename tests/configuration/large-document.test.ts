// Not quick: it starts threads.
import { expect, test } from "bun:test";
import { readDocument } from "#configuration/document-text.ts";
import { readLargeDocument } from "#configuration/yaml/large-document.ts";

/** More than is read in the main thread. */
const LARGE = [
  "version: 1",
  "lists: [.inf, &tx [TX], *tx]",
  "campaigns:",
  ...Array.from({ length: 2_000 }, (_, place) => `  - { id: solar-${place}, states: [TX, NO], limit: 1.50 }`),
].join("\n");

test("a large YAML is read in a thread of its own to the same values, and knows where they stand", async () => {
  const [apart, here] = [await readLargeDocument(LARGE, "yaml"), readDocument(LARGE, "yaml")];
  if (!apart.ok || !here.ok) throw new Error("it was not read");
  expect(JSON.stringify(apart.document).replace('"Infinity"', "null")).toBe(JSON.stringify(here.document));
  const wanted = [
    { path: "campaigns[solar-1999].states[1]", what: "value" },
    { path: "campaigns[solar-7].limit", what: "name" },
  ] as const;
  const places = await apart.placesOf(wanted);
  expect(places).toEqual(wanted.map(({ path, what }) => here.placeOf?.(path, what)));
  expect(places[0]?.line).toBe(2_003);
}, 60_000);

test("a large YAML that is none is refused with the line, as a small one", async () => {
  const broken = `${LARGE}\n  - { id: [ }\n`;
  expect<object>(await readLargeDocument(broken, "yaml")).toEqual(readDocument(broken, "yaml"));
  expect(await readLargeDocument("a: [", "yaml")).toMatchObject({ ok: false, flaw: "malformed" });
}, 60_000);
