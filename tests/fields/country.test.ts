import { expect, test } from "bun:test";
import { getCountries } from "libphonenumber-js/max";
import { countryProblem } from "#fields/country.ts";

test("a country is every one whose telephone numbers can be read", () => {
  expect(getCountries().map(countryProblem)).toEqual(getCountries().map(() => undefined));
});

test.each([
  ["UK", "must be GB for the United Kingdom"],
  ["EL", "must be GR for Greece"],
  ["ZZ", "must be an ISO 3166 country such as US"],
  ["us", "must be an ISO 3166 country such as US"],
  ["USA", "must be an ISO 3166 country such as US"],
  ["constructor", "must be an ISO 3166 country such as US"],
  ["", "must be an ISO 3166 country such as US"],
])("a country is not %s", (code, message) => {
  expect(countryProblem(code)).toBe(message);
});
