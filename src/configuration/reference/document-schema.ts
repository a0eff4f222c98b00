import { KindGuard, type TSchema } from "@sinclair/typebox";
import { ConfigurationDocument } from "#campaigns/document.ts";
import { DOCUMENT_WORDS } from "#campaigns/document-words.ts";
import { publicSchema } from "#http/public-schema.ts";
import { type JsonSchema, named } from "#http/schema.ts";
import type { SettingWords, TableOfWords } from "#text/setting-words.ts";

/** The document's schema for others: each setting with what operators read about it, its default and an example. */
export const CONFIGURATION: JsonSchema = named(
  "Configuration",
  publicSchema(described(ConfigurationDocument, DOCUMENT_WORDS)),
);

/** A copy; the schema that documents are checked by stays as it is. */
function described(schema: TSchema, table: TableOfWords): TSchema {
  if (KindGuard.IsArray(schema)) return { ...schema, items: described(schema.items, table) };
  if (KindGuard.IsUnion(schema))
    return { ...schema, anyOf: schema.anyOf.map((each) => described(each, table)) };
  if (!KindGuard.IsObject(schema)) return schema;
  const properties = Object.entries(schema.properties).map(([name, property]) => {
    const words = table[name];
    return [name, words === undefined ? property : withWords(property, words)];
  });
  return { ...schema, properties: Object.fromEntries(properties) };
}

function withWords(schema: TSchema, words: SettingWords): TSchema {
  const { means, default: value, otherwise, example, within } = words;
  const sentences = [
    means,
    ...(typeof schema.mustBe === "string" ? [`Must be ${schema.mustBe}.`] : []),
    ...(otherwise === undefined ? [] : [`Left out: ${otherwise}.`]),
  ];
  return {
    ...(within === undefined ? schema : described(schema, within)),
    description: sentences.join(" "),
    ...(value === undefined ? {} : { default: value }),
    examples: [example],
  };
}
