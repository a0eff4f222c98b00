import { Marked } from "marked";

/** How a block of code is shown, as HTML; `language` is what the fence names, or empty. */
export type CodeRenderer = (source: string, language: string) => string;

/** Markdown as HTML. Its text is our own and trusted: HTML in it would go through. */
export function htmlOf(text: string, showCode?: CodeRenderer): string {
  return (showCode === undefined ? plain : rendererOf(showCode)).parse(text, { async: false });
}

const plain = rendererOf(undefined);

function rendererOf(showCode: CodeRenderer | undefined): Marked {
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth, text }) {
        return `<h${depth} id="${anchorOf(text)}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
      link({ href, tokens }) {
        return `<a href="${Bun.escapeHTML(addressOf(href))}">${this.parser.parseInline(tokens)}</a>`;
      },
    },
  });
  if (showCode !== undefined)
    marked.use({ renderer: { code: ({ text, lang = "" }) => showCode(text, lang) } });
  return marked;
}

/** A page of the manual for a terminal: its Markdown, with links as what can be typed. */
export function terminalTextOf(text: string): string {
  return text.replace(/\[([^\]]+)\]\(([^)\s]+)\)/g, (_, words: string, href: string) => {
    const [, name] = OTHER_PAGE.exec(href) ?? [];
    return `${words} (${name === undefined ? href : `leadgate help ${name}`})`;
  });
}

/** The name under which a heading can be linked to, as GitHub makes it. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w\s-]/g, "")
    .trim()
    .replaceAll(/\s/g, "-");
}

const OTHER_PAGE = /^([a-z-]+)\.md(#.*)?$/;

/** The pages link to each other as files, so that they can be read as such too. */
function addressOf(href: string): string {
  return href.replace(OTHER_PAGE, (_, name: string, anchor = "") => `/docs/${name}${anchor}`);
}
