import { expect, test } from "bun:test";
import type { Database } from "#database/database.ts";
import { ask } from "./operator-api.ts";

/** A stranger must be turned away before anything is asked of the database. */
const untouched = new Proxy({} as Database, {
  get: () => {
    throw new Error("the database was asked");
  },
});

const routes: [method: string, path: string, body?: unknown][] = [
  ["GET", "/config"],
  ["PUT", "/config", "not: [well-formed"],
  ["POST", "/config/plan", "{"],
  ["GET", "/suppliers/s1/keys"],
  ["POST", "/suppliers/s1/keys", "{"],
  ["DELETE", "/suppliers/s1/keys/key_1"],
  ["POST", "/suppression-lists/l1/entries", "{"],
  ["DELETE", "/suppression-lists/l1/entries", "{"],
  ["GET", "/suppression-lists/l1/check?phone=12"],
  ["GET", "/leads"],
  ["GET", "/leads/lead_1"],
  ["GET", "/deliveries?state=lost"],
  ["GET", "/deliveries/delivery_1"],
  ["POST", "/deliveries/delivery_1/redeliver", "{"],
  ["POST", "/buyers/b1/secret", "{"],
  ["POST", "/buyers/b1/recover", "{"],
  ["POST", "/buyers/b1/test", "{"],
  ["POST", "/buyers/b1/resume", "{"],
  ["POST", "/buyers/b1/deposits", "{"],
  ["GET", "/buyers/b1/balance"],
  ["POST", "/webhooks/w1/secret", "{"],
  ["POST", "/webhooks/w1/recover", "{"],
  ["POST", "/webhooks/w1/test", "{"],
  ["POST", "/webhooks/w1/resume", "{"],
];

const strangers: [who: string, authorization: string][] = [
  ["no key", ""],
  ["another key", "Bearer lg_admin_some-other-key-of-mine"],
  ["half of the key", "Bearer lg_admin_only-for-these"],
  ["the key and more", "Bearer lg_admin_only-for-these-tests more"],
  ["the key under another scheme", "Basic lg_admin_only-for-these-tests"],
  ["the key alone", "lg_admin_only-for-these-tests"],
];

for (const [method, path, body] of routes) {
  test.each(strangers)(
    `${method} ${path} with %s is 401, whatever else is wrong with the request`,
    async (_, authorization) => {
      const headers = { authorization, "content-type": "text/html", "x-request-id": "r-1" };
      const answer = await ask(untouched, path, { method, headers, ...(body === undefined ? {} : { body }) });
      expect(answer.status).toBe(401);
      expect<object>(answer.body).toEqual({
        error: "unauthorized",
        message: "Send the operator key as Authorization: Bearer …",
        request_id: "r-1",
      });
      expect(answer.headers.get("www-authenticate")).toBe("Bearer");
    },
  );
}
