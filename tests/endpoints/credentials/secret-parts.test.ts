import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  headerPieces,
  hideSecrets,
  restoreHeader,
  restoreUrl,
  secretsIn,
  urlPieces,
} from "#endpoints/credentials/secret-parts.ts";

const shownUrl = (url: string) => hideSecrets(urlPieces(url, true));
const shownHeader = (name: string, value: string) => hideSecrets(headerPieces(name, value, true));

describe("what is hidden of a URL", () => {
  test.each([
    ["https://b.example/in", "https://b.example/in"],
    ["https://b.example/in?token=abc", "https://b.example/in?token=***"],
    ["https://b.example/in?src=web&Api_Key=a%20b#top", "https://b.example/in?src=web&Api_Key=***#top"],
    ["https://b.example/in?accessToken=a=b==&x=1", "https://b.example/in?accessToken=***&x=1"],
    ["https://b.example/in?c=9f86d081884c7d65", "https://b.example/in?c=***"],
    ["https://b.example/in?8f14e45fceea167a5a36", "https://b.example/in?***"],
    ["https://b.example/in?code=f47ac10b-58cc-4372-a567-0e02b2c3d479", "https://b.example/in?code=***"],
    [
      "https://b.example/in?campaign=2026-spring-solar-texas",
      "https://b.example/in?campaign=2026-spring-solar-texas",
    ],
    [
      "https://b.example/in?zip={zip_code|zip5}&token={x}",
      "https://b.example/in?zip={zip_code|zip5}&token={x}",
    ],
    [
      "https://b.example/{a|default:?token=x}?sig=s-{lead_id}",
      "https://b.example/{a|default:?token=x}?sig=***{lead_id}",
    ],
    ["https://b.example/in?token=", "https://b.example/in?token="],
  ])("%s is shown as %s", (url, shown) => expect(shownUrl(url)).toBe(shown));

  test("of a URL that is not filled in from leads, what looks like a placeholder is hidden too", () => {
    expect(hideSecrets(urlPieces("https://b.example/?token={abc}", false))).toBe(
      "https://b.example/?token=***",
    );
  });
});

describe("what is hidden of a header", () => {
  test.each([
    ["authorization", "Bearer abc", "***"],
    ["X-Anything", "hunter2", "***"],
    ["User-Agent", "Acme/1.0", "Acme/1.0"],
    ["accept", "application/json", "application/json"],
    ["x-lead", "{lead_id}", "{lead_id}"],
    ["x-both", "Bearer a{{b {lead_id}", "***{{***{lead_id}"],
    ["x-name", "{first_name} {last_name}", "{first_name} {last_name}"],
  ])("%s: %s is shown as %s", (name, value, shown) => expect(shownHeader(name, value)).toBe(shown));
});

describe("what is put back", () => {
  test("a secret comes back to the parameter of its name, wherever that stands in the query now", () => {
    const secrets = secretsIn(urlPieces("https://b.example/in?token=t1&a=1&key=k1", true));
    expect(restoreUrl("https://new.example/x?key=***&a=2&token=***", secrets)).toEqual({
      text: "https://new.example/x?key=k1&a=2&token=t1",
      missing: [],
    });
    expect(restoreUrl("https://b.example/in?other=***", secrets).missing).toEqual(["other"]);
  });

  test("a placeholder that begins before a parameter's value is no part of it", () => {
    const pieces = urlPieces("https://b.example/?token{#=0}", false);
    expect(hideSecrets(pieces)).toBe("https://b.example/?token{#=0}");
    expect(hideSecrets(urlPieces("https://b.example/?token{=t1", false))).toBe(
      "https://b.example/?token{=***",
    );
  });

  test("a URL and a header are what they were when what is shown of them is put back", () => {
    const texts = fc.array(
      fc.oneof(
        fc.constantFrom(
          "?",
          "&",
          "=",
          "#",
          "{lead_id}",
          "{{",
          "}}",
          "{",
          "token",
          "key",
          "9f86d081884c7d65",
          "%",
          "/",
        ),
        fc.string({ maxLength: 12 }),
      ),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(texts, fc.boolean(), (parts, isTemplate) => {
        const text = parts.join("").replaceAll("*", "");
        const url = `https://b.example/${text}`;
        const ofUrl = urlPieces(url, isTemplate);
        expect(ofUrl.map((piece) => piece.text).join("")).toBe(url);
        expect(restoreUrl(hideSecrets(ofUrl), secretsIn(ofUrl))).toEqual({ text: url, missing: [] });
        const ofHeader = headerPieces("X-Key", text, isTemplate);
        expect(restoreHeader("x-key", hideSecrets(ofHeader), secretsIn(ofHeader)).text).toBe(text);
      }),
    );
  });
});
