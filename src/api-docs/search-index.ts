/** A section that can be found: its heading, its page, where it is, the beginning of its text, and what other words it has. */
export type SearchEntry = readonly [
  heading: string,
  page: string,
  address: string,
  beginning: string,
  others: string,
];

/** So much of a section is shown with what was found. */
const SHOWN_LETTERS = 140;

/** The sections of a page, by its headings with an id. What comes before the second heading is found under the page's own. */
export function searchEntriesOf({
  title,
  path,
  body,
}: {
  title: string;
  path: string;
  body: string;
}): SearchEntry[] {
  return body.split(/(?=<h[1-3][ >])/).flatMap((part) => {
    const [heading = "", id = "", name = ""] =
      /^<h[1-3](?: id="([^"]*)")?>([^]*?)<\/h[1-3]>/.exec(part) ?? [];
    const text = textOf(part.slice(heading.length));
    if (text === "" && heading === "") return [];
    const isFirst = heading.startsWith("<h1") || heading === "";
    const beginning =
      text.length > SHOWN_LETTERS ? `${text.slice(0, SHOWN_LETTERS).replace(/\s\S*$/, "")} …` : text;
    return [
      [
        isFirst ? title : textOf(name),
        title,
        isFirst || id === "" ? path : `${path}#${id}`,
        beginning,
        otherWords(text, `${beginning} ${name} ${title}`),
      ] as const,
    ];
  });
}

/** HTML as a reader sees it, in one line, without examples: these are found by the words about them. */
function textOf(html: string): string {
  return html
    .replaceAll(/<figure class="code" data-label=[^]*?<\/figure>/g, " ")
    .replaceAll(/<[^>]+>/g, (tag) => (/^<\/?(?:code|span|a|strong|em|wbr)\b/.test(tag) ? "" : " "))
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll(/&#(?:39|x27);/g, "'")
    .replaceAll("&amp;", "&")
    .replaceAll(/\s+/g, " ")
    .trim();
}

/** Each word once that is not among the known ones. */
function otherWords(text: string, known: string): string {
  const seen = new Set(wordsOf(known));
  return [...new Set(wordsOf(text))].filter((word) => word.length > 2 && !seen.has(word)).join(" ");
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}_-]+/gu) ?? [];
}
