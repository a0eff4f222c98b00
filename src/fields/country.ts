import { isSupportedCountry } from "libphonenumber-js/max";

/** Codes that people write for a country that has another one. */
const MISTAKEN: Readonly<Record<string, string>> = {
  UK: "GB for the United Kingdom",
  EN: "GB for England",
  EL: "GR for Greece",
  SU: "RU for Russia",
};

/** Why this is no country by which phones, states and postal codes can be read, as the end of a sentence; nothing for one that is. */
export function countryProblem(code: string): string | undefined {
  if (isSupportedCountry(code)) return undefined;
  return `must be ${Object.hasOwn(MISTAKEN, code) ? MISTAKEN[code] : "an ISO 3166 country such as US"}`;
}
