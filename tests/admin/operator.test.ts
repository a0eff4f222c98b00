import { expect, test } from "bun:test";
import { isRole } from "#access/role.ts";
import type { Database } from "#database/database.ts";
import { ask, operatorRoutesOver } from "./operator-api.ts";

/** A stranger must be turned away before anything is asked of the database. */
const untouched = new Proxy({} as Database, {
  get: () => {
    throw new Error("the database was asked");
  },
});

const PREFIX = "/api/v1/admin";
const declared = operatorRoutesOver(untouched);
const routes = declared.map(
  ({ method, path }) => [method.toUpperCase(), path.slice(PREFIX.length).replaceAll(/:\w+/g, "x")] as const,
);

const strangers: [who: string, authorization: string][] = [
  ["no key", ""],
  ["another key", "Bearer lg_admin_some-other-key-of-mine"],
  ["half of the key", "Bearer lg_admin_only-for-these"],
  ["the key and more", "Bearer lg_admin_only-for-these-tests more"],
  ["the key under another scheme", "Basic lg_admin_only-for-these-tests"],
  ["the key alone", "lg_admin_only-for-these-tests"],
  ["a key of an operator's form whose checksum is wrong", `Bearer lg_admin_${"0".repeat(38)}`],
];

test("there are routes to be tried", () => expect(routes.length).toBeGreaterThan(30));

test.each(strangers)(
  "every route with %s is 401, whatever else is wrong with the request",
  async (_, authorization) => {
    for (const [method, path] of routes) {
      const headers = { authorization, "content-type": "text/html", "x-request-id": "r-1" };
      const answer = await ask(untouched, path, { method, headers, ...(method !== "GET" && { body: "{" }) });
      expect([method, path, answer.status]).toEqual([method, path, 401]);
      expect<object>(answer.body).toEqual({
        error: "unauthorized",
        message: "Send the operator key as Authorization: Bearer …",
        request_id: "r-1",
      });
      expect(answer.headers.get("www-authenticate")).toBe("Bearer");
    }
  },
);

test("every route of an operator's asks for an operator's key and names the role", () => {
  for (const { path, who } of declared) {
    expect([path, who.asks, isRole(who.role)]).toEqual([path, "operator", true]);
  }
});
