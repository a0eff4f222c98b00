/** A full name in its two parts. */
export interface NameParts {
  first: string;
  last: string;
}

/** Longer ones are no names. */
const LONGEST = 400;
const TITLE = /^(?:mr|mrs|ms|miss|mx|dr|prof)\.?$/i;

/**
 * A full name as a first word and the rest, a title before them left out; undefined for a single word, and for one with a comma, which may
 * stand before a first name or before an honour.
 */
export function splitName(fullName: unknown): NameParts | undefined {
  if (typeof fullName !== "string" || fullName.length > LONGEST || fullName.includes(",")) return undefined;
  const words = fullName.trim().split(/\s+/u);
  if (words.length > 2 && TITLE.test(words[0] ?? "")) words.shift();
  const [first, ...rest] = words;
  return first === undefined || rest.length === 0 ? undefined : { first, last: rest.join(" ") };
}

/** Whether a key is one under which a full name comes: `full_name`, `fullName`, `FULL_NAME` or `Full name`. */
export function isFullNameKey(key: string): boolean {
  return key.length <= 16 && key.toLowerCase().replace(/[ _-]/g, "") === "fullname";
}
