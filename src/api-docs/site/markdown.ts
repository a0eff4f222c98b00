import { htmlOf } from "#manual/markdown.ts";
import { codeBlock } from "./code.ts";
import { languageNamed } from "./highlight.ts";

/** Markdown of our own as HTML: code can be copied, and tables that are too wide are moved by themselves. */
export function markdownHtml(text: string): string {
  const html = htmlOf(text, (source, language) => codeBlock({ language: languageNamed(language), source }));
  return html
    .replaceAll(/<td[ >].*?<\/td>/gs, (cell) =>
      cell
        .replaceAll(SHORT_WORD, '<code class="word">$1</code>')
        .replaceAll(LONG_WORD, (code) => code.replaceAll("_", "_<wbr>")),
    )
    .replaceAll("<table>", '<div class="table"><table>')
    .replaceAll("</table>", "</table></div>");
}

/** On a phone a column of words would be broken within them. */
const SHORT_WORD = /<code>([\w.-]{1,16})<\/code>/g;
/** A longer one may be broken where its parts meet, before it is broken within them. */
const LONG_WORD = /<code>\w{17,}<\/code>/g;
