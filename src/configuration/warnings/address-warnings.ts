import { type StoredText, shownText } from "#endpoints/credentials/stored-text.ts";
import { type Surroundings, type Warning, warning } from "./warning.ts";

/** Of an address that the server will not dial, that is nobody's, or to which leads would go in clear. */
export function addressWarnings(
  url: StoredText,
  path: string,
  { isRefused }: Surroundings,
  name = "url",
): Warning[] {
  const place = `${path}.${name}`;
  const text = shownText(url);
  if (isRefused(text)) {
    const message =
      "is an address that is not dialled, since it is no public one; WEBHOOK_ALLOW_CIDRS opens ranges, such as 127.0.0.0/8";
    return [warning(place, "address_refused", message)];
  }
  const { hostname = "", protocol } = URL.parse(text) ?? {};
  if (NOBODYS.test(hostname)) {
    return [warning(place, "address_of_nobody", "is a name for examples, at which there is nobody")];
  }
  if (TO_BE_FILLED_IN.test(text)) {
    return [warning(place, "address_of_nobody", "has something in it that is still to be filled in")];
  }
  if (protocol !== "http:" || !PUBLIC_NAME.test(hostname)) return [];
  return [
    warning(
      place,
      "address_in_clear",
      "is http, so that all on the way can read what is sent; https is safe",
    ),
  ];
}

/** Of e-mail addresses that are nobody's. */
export function mailboxWarnings(addresses: readonly string[], path: string): Warning[] {
  return addresses.flatMap((address, index) =>
    NOBODYS.test(address.slice(address.lastIndexOf("@") + 1))
      ? [
          warning(
            `${path}[${index}]`,
            "address_of_nobody",
            "is at a name for examples, where nobody reads it",
          ),
        ]
      : [],
  );
}

/** Names that are kept for examples: RFC 2606. */
const NOBODYS = /(^|\.)(example|invalid|example\.(com|net|org))$/i;

/** As examples write it: https://leads.sunco.com/?key=YOUR_KEY. */
const TO_BE_FILLED_IN = /\bYOUR[-_]|\bCHANGE[-_]?ME\b|\bTODO\b|\bXXX+\b/;

/** A name that can be everybody's: neither an address nor one of a private network. */
const PUBLIC_NAME = /\.(?!local$|internal$|lan$|test$|localhost$|home\.arpa$)[a-z][a-z0-9-]+$/i;
