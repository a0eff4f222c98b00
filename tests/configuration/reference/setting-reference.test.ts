import { describe, expect, test } from "bun:test";
import { Value } from "@sinclair/typebox/value";
import { configurationSchema } from "#api-docs/openapi/configuration-reference.ts";
import { describeSetting, referenceMarkdown } from "#configuration/reference/reference-text.ts";
import { type ReferencedSetting, settingsReference } from "#configuration/reference/setting-reference.ts";
import { FilterDefinition } from "#rules/filter-definition.ts";

const settings = settingsReference().flatMap((group) =>
  group.settings.map(
    (setting) => [`${group.places[0]}.${setting.name}`.replace(/^\./, ""), setting] as const,
  ),
);

/** Whether one of the mappings that may stand there would take the value. */
function isTakenBy({ schemas }: ReferencedSetting, value: unknown): boolean {
  return schemas.some((schema) => Value.Check(schema, [FilterDefinition], value));
}

describe("the reference of the configuration document", () => {
  // A setting without words throws already: "campaigns[].x has no words: give what it means …".
  test("every setting says in a sentence what it does", () => {
    expect(settings.filter(([, { words }]) => !/^\S.*[.]$/s.test(words.means)).map(([path]) => path)).toEqual(
      [],
    );
  });

  test("every setting has an example that its schema takes", () => {
    expect(settings.filter(([, each]) => !isTakenBy(each, each.words.example)).map(([path]) => path)).toEqual(
      [],
    );
  });

  test("every setting that may be left out has a default that its schema takes, or says in words what holds then", () => {
    const wrong = settings.filter(([, setting]) => {
      const { default: value, otherwise } = setting.words;
      if (otherwise !== undefined) return value !== undefined || setting.requiredBy === "all";
      if (value === undefined) return setting.requiredBy === "none";
      return setting.requiredBy === "all" || !isTakenBy(setting, value);
    });
    expect(wrong.map(([path]) => path)).toEqual([]);
  });

  test("the schema for editors refers to nothing outside itself, and has words and examples", () => {
    const text = JSON.stringify(configurationSchema());
    const references = text.match(/"\$ref":"[^"]*"/g) ?? [];
    expect(new Set(references)).toEqual(new Set(['"$ref":"#/$defs/Filter"']));
    expect(text).toContain('"default":"priority"');
    expect(text).toContain('"description":"Whose turn it is among the buyers who can take a lead."');
  });

  test("a setting is found by its name or the end of its path, with or without ids in brackets", () => {
    const price = describeSetting("campaigns[solar].buyers[sunco].price");
    expect(price).toBe(describeSetting("buyers.price"));
    expect(price).toBe(`campaigns[].buyers[].price
  What the buyer pays for a lead. Of one that bids live: the price of a yes without one.
  It is an amount in quotes such as "12.50".
  Left out: "0"
  Example: price: "40.00"
`);
    expect(describeSetting("prise")).toBeUndefined();
  });

  test("a ping's answer has its bid in a setting of its own", () => {
    expect(describeSetting("bid_price")).toStartWith("buyers[].delivery.ping.response_values.bid_price\n");
    expect(describeSetting("ping.response_values.price")).toBeUndefined();
  });

  test("the page has every setting", () => {
    const page = referenceMarkdown();
    expect(settings.filter(([, { name }]) => !page.includes(`| \`${name}\` |`))).toEqual([]);
  });
});
