import { DOCUMENT_WORDS } from "#campaigns/document-words.ts";
import { inlineYaml } from "#configuration/document-text.ts";
import type { SettingWords, TableOfWords } from "#text/setting-words.ts";

/** What a new document says; every other setting of its parts stands beside it as a comment. */
const STARTER = {
  version: 1,
  suppression_lists: [{ id: "do-not-call", name: "Do not call" }],
  suppliers: [{ id: "acme-media", name: "Acme Media" }],
  buyers: [
    {
      id: "sunco",
      name: "SunCo",
      timezone: "America/Chicago",
      delivery: { method: "webhook", url: "https://sunco.example/leads" },
    },
  ],
  campaigns: [
    {
      id: "solar-texas",
      name: "Solar Texas",
      timezone: "America/Chicago",
      docs: "public",
      fields: [{ name: "roof_age", type: "integer", min: 0, max: 120 }],
      suppression_lists: ["do-not-call"],
      suppliers: [{ supplier: "acme-media", payout: { mode: "fixed", amount: "12.00" } }],
      buyers: [{ buyer: "sunco", price: "40.00", states: ["TX", "OK"] }],
    },
  ],
};

/** A document to begin with, in YAML, for editors that find the schema at `schemaUrl`. */
export function starterDocument(schemaUrl: string): string {
  return `# yaml-language-server: $schema=${schemaUrl}
#
# What is sold, by whom, to whom, under which rules. leadgate plan says what this would change, leadgate apply brings it into
# force. A setting behind # is one that may be written too, with what holds while it is not; leadgate help config has more of each.

${mappingLines(STARTER, DOCUMENT_WORDS, "").join("\n")}
`;
}

/** The settings that the mapping has, then those that it could have. */
function mappingLines(
  mapping: Readonly<Record<string, unknown>>,
  table: TableOfWords,
  indent: string,
): string[] {
  const written = Object.entries(mapping).flatMap(([name, value]) =>
    settingLines(name, value, table[name], indent),
  );
  const others = Object.entries(table).flatMap(([name, words]) =>
    words === undefined || Object.hasOwn(mapping, name) ? [] : [commentOf(name, words, indent)],
  );
  return [...written, ...others];
}

function settingLines(
  name: string,
  value: unknown,
  words: SettingWords | undefined,
  indent: string,
): string[] {
  if (!isListOfParts(value) || words?.within === undefined) return [`${indent}${name}: ${inlineYaml(value)}`];
  const { within } = words;
  const parts = value.flatMap((part) => {
    const [first = "", ...lines] = mappingLines(part, within, `${indent}    `);
    return [`${indent}  - ${first.trimStart()}`, ...lines];
  });
  return [`${indent}# ${words.means}`, `${indent}${name}:`, ...parts];
}

function commentOf(name: string, words: SettingWords, indent: string): string {
  const holds = words.otherwise ?? (words.default === undefined ? "" : inlineYaml(words.default));
  const left = holds === "" ? "" : ` Left out: ${holds}`;
  return `${indent}# ${inlineYaml({ [name]: words.example }).replace(/^\{ (.*) \}$/s, "$1")}  # ${words.means}${left}`;
}

function isListOfParts(value: unknown): value is Record<string, unknown>[] {
  return (
    Array.isArray(value) &&
    value.every((each) => typeof each === "object" && each !== null && !("type" in each))
  );
}
