import { type CodeLanguage, highlighted } from "./highlight.ts";
import { escapeHtml } from "./html.ts";

/** A piece of code; `label` stands on its tab, or above it where it is alone. */
export interface CodeBlock {
  label?: string;
  language: CodeLanguage;
  source: string;
}

/** Code that can be copied. */
export function codeBlock({ label, language, source }: CodeBlock): string {
  const named = label === undefined ? "" : ` data-label="${escapeHtml(label)}"`;
  const caption = label === undefined ? "" : `<figcaption>${escapeHtml(label)}</figcaption>`;
  return `<figure class="code"${named}>${caption}<pre><code>${highlighted(source.trimEnd(), language)}</code></pre></figure>\n`;
}

/** The same in several ways, one at a time. Those of one `group` are switched together, and the choice is kept. */
export function codeTabs(blocks: readonly CodeBlock[], label: string, group?: string): string {
  const [first] = blocks;
  if (first !== undefined && blocks.length === 1) return codeBlock(first);
  const grouped = group === undefined ? "" : ` data-group="${group}"`;
  return `<div class="tabs" data-label="${escapeHtml(label)}"${grouped}>\n${blocks.map(codeBlock).join("")}</div>\n`;
}

/** A value as it is read best. */
export function jsonBlock(value: unknown, label?: string): string {
  const source = JSON.stringify(value, null, 2);
  return codeBlock({ language: "json", source, ...(label !== undefined && { label }) });
}
