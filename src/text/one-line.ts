/**
 * A foreign text as one line of at most `maxLength` UTF-16 units: a line break would begin another mail header, Postgres refuses NUL,
 * and a terminal obeys other control characters.
 */
export function oneLine(text: string, maxLength: number): string {
  const line = text.toWellFormed().replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ");
  return line
    .slice(0, maxLength)
    .replace(/[\ud800-\udbff]$/, "")
    .trim();
}
