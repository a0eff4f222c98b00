import { KindGuard, type TSchema } from "@sinclair/typebox";
import { ConfigurationDocument } from "#campaigns/document.ts";
import { DOCUMENT_WORDS } from "#campaigns/document-words.ts";
import { publicSchema } from "#http/public-schema.ts";
import { type JsonSchema, named } from "#http/schema.ts";
import type { SettingWords, TableOfWords } from "#text/setting-words.ts";

/**
 * How a default is told. Editors want the keyword. In the API's document it stands in words: generators of clients take a property with
 * a default for one that is always there, and would ask for every setting of whoever sends a document.
 */
type Defaults = "as keyword" | "in words";

/** The document's schema in the API's document: each setting with what operators read about it, its default and an example. */
export const CONFIGURATION: JsonSchema = schemaOf("in words");

/** The same for editors. */
export const EDITORS_CONFIGURATION: JsonSchema = schemaOf("as keyword");

function schemaOf(defaults: Defaults): JsonSchema {
  return named("Configuration", publicSchema(described(ConfigurationDocument, DOCUMENT_WORDS, defaults)));
}

/** A copy; the schema that documents are checked by stays as it is. */
function described(schema: TSchema, table: TableOfWords, defaults: Defaults): TSchema {
  if (KindGuard.IsArray(schema)) return { ...schema, items: described(schema.items, table, defaults) };
  if (KindGuard.IsUnion(schema))
    return { ...schema, anyOf: schema.anyOf.map((each) => described(each, table, defaults)) };
  if (!KindGuard.IsObject(schema)) return schema;
  const properties = Object.entries(schema.properties).map(([name, property]) => {
    const words = table[name];
    return [name, words === undefined ? property : withWords(property, words, defaults)];
  });
  return { ...schema, properties: Object.fromEntries(properties) };
}

function withWords(schema: TSchema, words: SettingWords, defaults: Defaults): TSchema {
  const { means, default: value, otherwise, example, within } = words;
  const sentences = [
    means,
    ...(typeof schema.mustBe === "string" ? [`Must be ${schema.mustBe}.`] : []),
    ...(otherwise === undefined ? [] : [`Left out: ${otherwise}.`]),
    ...(value !== undefined && defaults === "in words" ? [`Default: ${JSON.stringify(value)}.`] : []),
  ];
  return {
    ...(within === undefined ? schema : described(schema, within, defaults)),
    description: sentences.join(" "),
    ...(value !== undefined && defaults === "as keyword" ? { default: value } : {}),
    examples: [example],
  };
}
