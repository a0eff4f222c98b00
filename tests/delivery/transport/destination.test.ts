import { expect, test } from "bun:test";
import fc from "fast-check";
import { destinationOf, plainParts } from "#delivery/transport/destination.ts";
import { runs } from "../../support/runs.ts";

test("a plain URL leads to its path at its origin, as a parser reads it", () => {
  const piece = fc.constantFrom(
    "a",
    "Z9",
    "/",
    "/",
    "?",
    "&",
    "=",
    "%20",
    "%2e",
    ".",
    "..",
    "~",
    "'",
    " ",
    "#",
    "ü",
    "@",
    ":",
    "\\",
  );
  const origin = fc.constantFrom(
    "http://127.0.0.1:80",
    "https://example.com",
    "HTTP://Ex.com:81",
    "http://[::1]:9",
    "http://a@b",
  );
  fc.assert(
    fc.property(origin, fc.array(piece, { maxLength: 12 }), (start, pieces) => {
      const url = `${start}${pieces.join("")}`;
      const plain = plainParts(url);
      if (plain === undefined) return;
      const ofOrigin = destinationOf(plain.origin);
      expect(ofOrigin && { ...ofOrigin, path: plain.path }).toEqual(destinationOf(url));
    }),
    { numRuns: runs(3000) },
  );
  expect(plainParts("https://example.com/v1/15125550100?key=a%20b")).toEqual({
    origin: "https://example.com",
    path: "/v1/15125550100?key=a%20b",
  });
});
