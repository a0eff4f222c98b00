import { inlineYaml } from "#configuration/document-text.ts";
import type { SettingWords } from "#text/setting-words.ts";
import { type ReferencedSetting, type SettingsGroup, settingsReference } from "./setting-reference.ts";

/** Of the places where a mapping may stand, how many a heading names. */
const PLACES_NAMED = 3;

/** The reference of every setting as Markdown, with a heading and a table for each mapping. */
export function referenceMarkdown(): string {
  return settingsReference().map(groupMarkdown).join("\n");
}

function groupMarkdown({ places, settings }: SettingsGroup): string {
  const [first = ""] = places;
  const heading = first === "" ? "The document" : `\`${first}\``;
  const rows = settings.map(({ name, words, expects }) => {
    const cells = [
      `\`${name}\``,
      words.means,
      `${expects}`,
      standIn(words, code),
      code(inlineYaml(words.example)),
    ];
    return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  });
  return `### ${heading}
${alsoAt(places)}
| setting | what it does | what stands there | left out | example |
|---|---|---|---|---|
${rows.join("\n")}
`;
}

function alsoAt([, ...others]: readonly string[]): string {
  if (others.length === 0) return "";
  const named = others.slice(0, PLACES_NAMED).map((place) => `\`${place}\``);
  const more = others.length - named.length;
  return `\nThe same stands in ${[...named, ...(more > 0 ? [`${more} more places`] : [])].join(", ")}.\n`;
}

/** What holds when the setting is left out. */
function standIn({ default: value, otherwise }: SettingWords, asCode: (text: string) => string): string {
  if (otherwise !== undefined) return otherwise;
  return value === undefined ? "must be there" : asCode(inlineYaml(value));
}

function code(text: string): string {
  return `\`${text}\``;
}

/** Every setting in a line, for a terminal. */
export function referenceOverview(): string {
  const sections = settingsReference().map(({ places: [place = ""], settings }) => {
    const width = Math.max(...settings.map(({ name }) => name.length));
    const lines = settings.map(({ name, words }) => `  ${name.padEnd(width)}  ${words.means}\n`);
    return `${place === "" ? "the document" : place}\n${lines.join("")}`;
  });
  return `${sections.join("\n")}\nleadgate help config SETTING tells all of one, such as price or buyers.caps.\n`;
}

/**
 * What is to know of the settings that `asked` names, for a terminal; undefined when none has that name. `asked` is a name, or the end
 * of a path with or without brackets: `price`, `buyers.price`, `campaigns[].buyers[].price`.
 */
export function describeSetting(asked: string): string | undefined {
  const found = settingsReference().flatMap(({ places, settings }) =>
    settings.flatMap((setting) => {
      const paths = places.map((place) => pathOf(place, setting));
      return paths.some((path) => endsIn(path, asked)) ? [paragraphOf(setting, paths)] : [];
    }),
  );
  return found.length === 0 ? undefined : found.join("\n");
}

/** The paths of all settings, to find the one that was meant. */
export function settingPaths(): string[] {
  return settingsReference().flatMap(({ places, settings }) =>
    settings.flatMap((setting) => places.map((place) => pathOf(place, setting))),
  );
}

function pathOf(place: string, { name }: ReferencedSetting): string {
  return place === "" ? name : `${place}.${name}`;
}

/** Brackets, with whatever stands in them, are how plans name one of several. */
function endsIn(path: string, asked: string): boolean {
  const [whole, end] = [path, asked].map((text) => `.${text.replaceAll(/\[[^\]]*\]/g, "")}`);
  return whole?.endsWith(end ?? "") === true;
}

function paragraphOf({ name, words, expects }: ReferencedSetting, paths: readonly string[]): string {
  const more = paths.length > PLACES_NAMED ? [`and in ${paths.length - PLACES_NAMED} more places`] : [];
  return `${[...paths.slice(0, PLACES_NAMED), ...more].join("\n")}
  ${words.means}
  It is ${expects}${namesWithin(words)}.
  Left out: ${standIn(words, (text) => text)}
  Example: ${inlineYaml({ [name]: words.example }).replace(/^\{ (.*) \}$/s, "$1")}
`;
}

/** The settings of a mapping, which have paragraphs of their own. */
function namesWithin({ within }: SettingWords): string {
  return within === undefined ? "" : `, with ${Object.keys(within).join(", ")}`;
}
