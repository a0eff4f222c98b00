import { describe, expect, test } from "bun:test";
import { fullDocument } from "../configuration/document-examples.ts";
import { onBothDatabases } from "../support/database.ts";
import { type Ask, ask, now } from "./operator-api.ts";

const PARTIES = [
  {
    title: "suppliers' keys over HTTP",
    path: "/suppliers/supplier_xyz789/keys",
    form: /^lg_sup_[0-9A-Za-z]{38}$/,
    first: [expect.objectContaining({ name: "first key", status: "live" })],
  },
  {
    title: "buyers' keys over HTTP",
    path: "/buyers/buyer_abc/keys",
    form: /^lg_buyer_[0-9A-Za-z]{38}$/,
    first: [],
  },
];

for (const { title, path, form, first } of PARTIES) {
  onBothDatabases(title, (world) => {
    const configure = () => ask(world.database, "/config", { method: "PUT", body: fullDocument() });
    const create = (body: unknown, options: Ask = {}) =>
      ask(world.database, path, { method: "POST", body, ...options });
    const list = async () => JSON.parse((await ask(world.database, path)).text).data as object[];

    test("keys are made, shown once, listed without being shown, and revoked", async () => {
      await configure();
      const created = await create({ name: "rotation", expires_at: "2026-04-01T00:00:00+02:00" });
      expect(created.status).toBe(201);
      const { id, key, prefix } = created.body.data;
      expect(key).toMatch(form);
      expect(key).toStartWith(prefix);
      expect(await list()).toEqual([
        ...first,
        {
          id,
          prefix,
          name: "rotation",
          status: "live",
          created_at: now.toISOString(),
          expires_at: "2026-03-31T22:00:00.000Z",
          revoked_at: null,
          last_used_at: null,
        },
      ]);
      const revoked = await ask(world.database, `${path}/${id}`, { method: "DELETE" });
      expect(revoked.status).toBe(204);
      expect((await list()).at(-1)).toMatchObject({ status: "revoked", revoked_at: now.toISOString() });
    });

    test("keys may come from another system, once", async () => {
      await configure();
      const secret = "moving-from-another-system-1";
      expect((await create({ secret })).body.data).toMatchObject({ key: secret, prefix: "movi" });
      const again = await create({ secret });
      expect([again.status, again.body.error]).toEqual([409, "conflict"]);
      expect(JSON.stringify(again.body)).not.toContain(secret);
      for (const other of PARTIES) {
        const taken = await ask(world.database, other.path, { method: "POST", body: { secret } });
        expect(taken.status).toBe(409);
      }
    });

    describe("refused keys", () => {
      test("keys are refused with every error at once, and without repeating the secret", async () => {
        await configure();
        const answer = await create({ name: "", expires_at: "tomorrow", secret: "too-short", colour: 1 });
        expect(answer.status).toBe(400);
        expect(answer.body.field_errors.map((error) => [error.field, error.code])).toEqual([
          ["colour", "unknown_field"],
          ["name", "invalid_format"],
          ["expires_at", "invalid_format"],
          ["secret", "invalid_format"],
        ]);
        expect(JSON.stringify(answer.body)).not.toContain("too-short");
        expect(await list()).toHaveLength(first.length);
      });

      test.each([
        ["that have ended already", "2026-03-04T12:00:00Z", "out_of_range"],
        ["that end on a day that does not exist", "2026-02-30T00:00:00Z", "invalid_format"],
        ["whose end has no offset", "2027-01-01T00:00:00", "invalid_format"],
      ])("keys are refused %s", async (_, expires_at, code) => {
        expect((await create({ expires_at })).body.field_errors).toMatchObject([
          { field: "expires_at", code },
        ]);
      });

      test.each([
        ["a list", [], 400],
        ["not JSON", "{", 400],
      ])("keys are refused when the body is %s", async (_, body, status) => {
        expect((await create(body)).status).toBe(status);
      });

      test("keys are refused for a party that does not exist", async () => {
        for (const ask404 of [
          create({}),
          ask(world.database, path),
          ask(world.database, `${path}/key_1`, { method: "DELETE" }),
        ]) {
          expect(await ask404).toMatchObject({ status: 404, body: { error: "not_found" } });
        }
      });
    });
  });
}
