import { splitAtPlaceholders } from "#endpoints/message/placeholder.ts";

/** What is shown in the place of a secret. */
export const HIDDEN = "***";

/** A stretch of a text. `secretOf`: it is one, of the header or of the query's parameter with this name. */
export interface Piece {
  readonly text: string;
  readonly secretOf?: string;
}

/** Headers whose values are no secrets, by lower-case name. */
const HARMLESS_HEADERS = new Set([
  "accept",
  "accept-charset",
  "accept-language",
  "api-version",
  "cache-control",
  "content-language",
  "content-type",
  "date",
  "origin",
  "prefer",
  "referer",
  "soapaction",
  "user-agent",
  "x-api-version",
  "x-requested-with",
]);

/** Names of parameters, without signs and in lower case, that say that their value is a secret. */
const SECRET_NAME =
  /token|secret|passw|pwd|auth|signature|^sig$|credential|jwt|bearer|session|hmac|key$|^key|^pass$|^pw$|^pin$/;

/**
 * A header's value in pieces. All constant text is secret, whatever the header's name, but for a few harmless ones; what is filled in from
 * the lead is none.
 */
export function headerPieces(name: string, value: string, isTemplate: boolean): Piece[] {
  const header = name.toLowerCase();
  if (HARMLESS_HEADERS.has(header)) return [{ text: value }];
  return constantPieces(value, isTemplate, header, (constant) => /[\p{L}\p{N}]/u.test(constant));
}

/** A URL in pieces. Secret is the value of a parameter whose name says so, and one that looks as if it was drawn by chance. */
export function urlPieces(url: string, isTemplate: boolean): Piece[] {
  const { address, parameters, fragment } = splitUrl(url);
  const pieces = parameters.flatMap(({ before, name, value }) => {
    const isNamedSecret = SECRET_NAME.test(name.toLowerCase().replace(/[^a-z0-9]/g, ""));
    return [
      { text: before },
      ...constantPieces(value, isTemplate, name, (constant) =>
        isNamedSecret ? /[\p{L}\p{N}]/u.test(constant) : looksRandom(constant),
      ),
    ];
  });
  return [{ text: address }, ...pieces, { text: fragment }];
}

function constantPieces(
  text: string,
  isTemplate: boolean,
  name: string,
  isSecret: (constant: string) => boolean,
): Piece[] {
  const stretches = isTemplate ? splitAtPlaceholders(text) : [{ text, isMark: false }];
  return stretches.map(({ text: stretch, isMark }) =>
    !isMark && isSecret(stretch) ? { text: stretch, secretOf: name } : { text: stretch },
  );
}

const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;

/** A UUID, or 16 or more letters and digits in a row, as no word has them. */
function looksRandom(text: string): boolean {
  if (UUID.test(text)) return true;
  return (text.match(/[A-Za-z0-9]{16,}/g) ?? []).some(
    (run) => /\d/.test(run) || (run.length >= 20 && /[a-z][A-Z]+[a-z]/.test(run)),
  );
}

/** The text with its secrets hidden. */
export function hideSecrets(pieces: readonly Piece[]): string {
  return pieces.map(({ text, secretOf }) => (secretOf === undefined ? text : HIDDEN)).join("");
}

/** The secrets of a text by what they are of, in their order. */
export type HiddenSecrets = ReadonlyMap<string, readonly string[]>;

export function secretsIn(pieces: readonly Piece[]): HiddenSecrets {
  const secrets = new Map<string, string[]>();
  for (const { text, secretOf } of pieces) {
    if (secretOf !== undefined) secrets.set(secretOf, [...(secrets.get(secretOf) ?? []), text]);
  }
  return secrets;
}

/** A text with secrets in the places where it has `***`; `missing` are those for which there is none, by what they are of. */
export interface Restored {
  readonly text: string;
  readonly missing: readonly string[];
}

/** The header's value with its secrets put back, the first in the first place. */
export function restoreHeader(name: string, value: string, secrets: HiddenSecrets): Restored {
  const missing: string[] = [];
  const text = restorer(secrets, missing)(name.toLowerCase(), value);
  return { text, missing };
}

/** The URL with its secrets put back, each to the parameter of its name, wherever that stands now. */
export function restoreUrl(url: string, secrets: HiddenSecrets): Restored {
  const { address, parameters, fragment } = splitUrl(url);
  const missing: string[] = [];
  const restore = restorer(secrets, missing);
  const query = parameters.map(({ before, name, value }) => before + restore(name, value)).join("");
  return { text: address + query + fragment, missing };
}

function restorer(secrets: HiddenSecrets, missing: string[]): (name: string, text: string) => string {
  const used = new Map<string, number>();
  return (name, text) =>
    text.replaceAll(HIDDEN, () => {
      const index = used.get(name) ?? 0;
      used.set(name, index + 1);
      const secret = secrets.get(name)?.[index];
      if (secret === undefined) missing.push(name);
      return secret ?? HIDDEN;
    });
}

/** A parameter of a query: `before` is what separates it and its name, such as `&token=`. Without a name, `name` is empty. */
interface QueryParameter {
  readonly before: string;
  readonly name: string;
  readonly value: string;
}

/** A placeholder counts as one character here: its filters may hold any. What stands for a secret is in none. */
const MARK = /\{(?:(?!\*\*\*)[^{}])*\}/.source;
const URL_PARTS = new RegExp(`^((?:${MARK}|[^?#])*)((?:${MARK}|[^#])*)(.*)$`, "s");
const PARAMETERS = new RegExp(`[?&]((?:${MARK}|[^&])*)`, "g");
/** Else an `=` within a placeholder would part one that is none once its end is hidden. */
const NO_MARK = /[^={]|\{(?![^{}]*\})/.source;
const NAME_AND_VALUE = new RegExp(`^((?:${MARK}|${NO_MARK})*)=(.*)$`, "s");

function splitUrl(url: string): { address: string; parameters: QueryParameter[]; fragment: string } {
  const [, address = url, query = "", fragment = ""] = URL_PARTS.exec(url) ?? [];
  const parameters = [...query.matchAll(PARAMETERS)].map(([whole, parameter = ""]) => {
    const separator = whole.slice(0, 1);
    const [, name, value = ""] = NAME_AND_VALUE.exec(parameter) ?? [];
    return name === undefined
      ? { before: separator, name: "", value: parameter }
      : { before: `${separator}${name}=`, name: decoded(name), value };
  });
  return { address, parameters, fragment };
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
