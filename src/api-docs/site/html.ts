/** A text as part of HTML, also within quotes. */
export function escapeHtml(text: string): string {
  return Bun.escapeHTML(text);
}

/** Text in which what stands between backticks is code, as HTML. */
export function withCode(text: string): string {
  return escapeHtml(text).replaceAll(/`([^`]+)`/g, "<code>$1</code>");
}

/** A table. Cells are HTML; on narrow screens a row is a paragraph, in which the cells of the `labelled` columns are led by their names. */
export function tableOf(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  labelled: readonly string[] = [],
): string {
  const head = columns
    .map((column) => (column === "" ? "<td></td>" : `<th scope="col">${column}</th>`))
    .join("");
  const body = rows.map((cells) => {
    const shown = cells.map((cell, at) => {
      const column = columns[at] ?? "";
      return `<td${labelled.includes(column) ? ` data-label="${column}"` : ""}>${cell}</td>`;
    });
    return `<tr>${shown.join("")}</tr>`;
  });
  return `<div class="table"><table class="stacks names"><thead><tr>${head}</tr></thead>
<tbody>${body.join("\n")}</tbody></table></div>\n`;
}

/** Words on the left, and what belongs to them on the right. */
export function splitSection(words: string, examples: string): string {
  return `<section class="split"><div class="words">\n${words}</div>
<div class="examples">\n${examples}</div></section>\n`;
}
