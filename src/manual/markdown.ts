import { Marked } from "marked";

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

/** A page of the manual as HTML. Its text is our own and trusted: HTML in it would go through. */
export function htmlOf(text: string): string {
  return marked.parse(text, { async: false });
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
