import { KindGuard, type TObject, type TSchema } from "@sinclair/typebox";
import { ConfigurationDocument } from "#campaigns/document.ts";
import { DOCUMENT_WORDS } from "#campaigns/document-words.ts";
import { expectationOf } from "#configuration/problems/schema-problems.ts";
import type { SettingWords, TableOfWords } from "#text/setting-words.ts";

/** One setting as the reference shows it. */
export interface ReferencedSetting {
  readonly name: string;
  readonly words: SettingWords;
  /** Of the mappings that may stand in its place, which ask for it. */
  readonly requiredBy: "all" | "some" | "none";
  /** What may stand there; several where the choice of a mapping decides. */
  readonly schemas: readonly TSchema[];
  /** The same as the end of a sentence: "active or paused". */
  readonly expects: string;
}

/** The settings of one mapping, and all the places where such a mapping stands: `buyers[].caps`, `campaigns[].buyers[].caps`. */
export interface SettingsGroup {
  readonly places: string[];
  readonly settings: readonly ReferencedSetting[];
}

/**
 * Every setting of the document, made from its schema, in the document's order. A mapping that stands in several places is told once.
 * Throws for a setting without words, of which a test makes sure there is none.
 */
export function settingsReference(): readonly SettingsGroup[] {
  const groups = new Map<TableOfWords, SettingsGroup>();
  describeMapping("", [ConfigurationDocument], DOCUMENT_WORDS, groups);
  return [...groups.values()];
}

function describeMapping(
  place: string,
  mappings: readonly TObject[],
  table: TableOfWords,
  groups: Map<TableOfWords, SettingsGroup>,
): void {
  const known = groups.get(table);
  const settings = settingsIn(place, mappings, table);
  if (known === undefined) groups.set(table, { places: [place], settings });
  else if (namesOf(known.settings) === namesOf(settings)) known.places.push(place);
  else throw new Error(`${place} has other settings than ${known.places[0]}: give it a table of its own`);
  for (const [name, schemas] of propertiesOf(mappings)) {
    const below = schemas.map(mappingsIn);
    const path = `${placeOf(place, name)}${below[0]?.suffix ?? ""}`;
    const inner = below.flatMap((each) => each.mappings);
    const { within } = wordsOf(place, name, table);
    if (within !== undefined) describeMapping(path, inner, within, groups);
    else if (inner.length > 0) throw noWords(`what stands in ${path}`);
  }
}

function settingsIn(place: string, mappings: readonly TObject[], table: TableOfWords): ReferencedSetting[] {
  return [...propertiesOf(mappings)].map(([name, schemas]) => {
    const asking = mappings.filter((mapping) => mapping.required?.includes(name)).length;
    return {
      name,
      words: wordsOf(place, name, table),
      requiredBy: asking === mappings.length ? "all" : asking > 0 ? "some" : "none",
      schemas,
      expects: [...new Set(schemas.map(expectedWords))].join(" or "),
    };
  });
}

function namesOf(settings: readonly ReferencedSetting[]): string {
  return settings
    .map(({ name }) => name)
    .toSorted()
    .join(" ");
}

/** The settings of all these mappings, each with what may stand there. */
function propertiesOf(mappings: readonly TObject[]): Map<string, TSchema[]> {
  const properties = new Map<string, TSchema[]>();
  for (const mapping of mappings) {
    for (const [name, schema] of Object.entries(mapping.properties)) {
      properties.set(name, [...(properties.get(name) ?? []), schema]);
    }
  }
  return properties;
}

function wordsOf(place: string, name: string, table: TableOfWords): SettingWords {
  const words = table[name];
  if (words === undefined) throw noWords(placeOf(place, name));
  return words;
}

function noWords(place: string): Error {
  return new Error(
    `${place} has no words: give what it means, its default and an example a line in the table of its mapping ` +
      "(campaigns/document-words.ts, endpoints/delivery-words.ts, …), under `within` of the setting above it",
  );
}

function placeOf(place: string, name: string): string {
  return place === "" ? name : `${place}.${name}`;
}

/** The mappings that a value may be, or may be a list of. A filter within a filter is not followed. */
function mappingsIn(schema: TSchema): { mappings: TObject[]; suffix: "" | "[]" } {
  if (KindGuard.IsArray(schema)) return { mappings: mappingsIn(schema.items).mappings, suffix: "[]" };
  if (KindGuard.IsObject(schema)) return { mappings: [schema], suffix: "" };
  if (!KindGuard.IsUnion(schema)) return { mappings: [], suffix: "" };
  const choices = schema.anyOf.filter((choice) => !KindGuard.IsArray(choice));
  return { mappings: choices.flatMap((choice) => mappingsIn(choice).mappings), suffix: "" };
}

function expectedWords(schema: TSchema): string {
  if (KindGuard.IsArray(schema)) return "a list";
  const isChoice = KindGuard.IsUnion(schema) && schema.anyOf.some(KindGuard.IsArray);
  if (isChoice) return [...new Set(schema.anyOf.map(expectedWords))].join(", or ");
  // A filter within a filter refers to itself.
  return mappingsIn(schema).mappings.length > 0 || KindGuard.IsThis(schema)
    ? "a mapping"
    : expectationOf(schema);
}
