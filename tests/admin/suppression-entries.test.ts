import { expect, test } from "bun:test";
import { builderOn } from "#database/builder.ts";
import { suppressionEntries } from "#database/tables.ts";
import { fullDocument } from "../configuration/document-examples.ts";
import { onBothDatabases } from "../support/database.ts";
import { ask } from "./operator-api.ts";

const list = "/suppression-lists/global-dnc";
const md5 = (text: string) => new Bun.CryptoHasher("md5").update(text).digest("hex");

onBothDatabases("suppression entries over HTTP", (world) => {
  const configure = () => ask(world.database, "/config", { method: "PUT", body: fullDocument() });
  const add = (entries: unknown, more: object = {}) =>
    ask(world.database, `${list}/entries`, { method: "POST", body: { entries, ...more } });
  const remove = (entry: unknown) =>
    ask(world.database, `${list}/entries`, { method: "DELETE", body: entry });
  const check = async (query: string) =>
    (await ask(world.database, `${list}/check?${query}`)).body.data.suppressed;

  test("suppression entries are added in any spelling, found in any other, and removed", async () => {
    await configure();
    const added = await add([
      { phone: "(555) 123-4567" },
      { email: "Ann@Example.com", phone_md5: md5("5559998888") },
    ]);
    expect([added.status, added.text]).toEqual([200, '{"data":{"received":2,"added":3}}']);
    expect(await check("phone=%2B15551234567")).toBe(true);
    expect(await check("phone=+15551234567")).toBe(true);
    expect(await check("phone=5559998888")).toBe(true);
    expect(await check("email=ann@example.com")).toBe(true);
    expect(await check("phone=5551234568")).toBe(false);
    expect((await remove({ phone: "555-123-4567" })).status).toBe(204);
    expect(await check("phone=5551234567")).toBe(false);
    expect((await remove({ phone: "555-123-4567" })).status).toBe(404);
  });

  test("suppression entries without a country code are understood by the country that is said, as leads are", async () => {
    await configure();
    const add = (query: string, entries: object[]) =>
      ask(world.database, `${list}/entries${query}`, { method: "POST", body: { entries } });
    expect((await add("?country=in", [{ phone: "98765 43210" }])).status).toBe(200);
    expect(await check("phone=+919876543210")).toBe(true);
    expect(await check("phone=98765 43210&country=IN")).toBe(true);
    expect(await check("phone=9876543210")).toBe(false);
    const refused = await add("?country=UK", [{ phone: "020 7946 0958" }]);
    expect([refused.status, refused.body.field_errors]).toMatchObject([400, [{ field: "country" }]]);
    const take = (query: string) =>
      ask(world.database, `${list}/entries${query}`, { method: "DELETE", body: { phone: "9876543210" } });
    expect([(await take("")).status, (await take("?country=IN")).status]).toEqual([404, 204]);
    expect(await check("phone=+919876543210")).toBe(false);
  });

  test("suppression entries count once however often they are added", async () => {
    await configure();
    const entries = [{ phone: "5551234567" }, { phone: "+15551234567" }];
    expect<object>((await add(entries)).body.data).toEqual({ received: 2, added: 1 });
    expect<object>((await add(entries)).body.data).toEqual({ received: 2, added: 0 });
  });

  test("suppression entries are on one list and not on another", async () => {
    await configure();
    await add([{ phone: "5551234567" }]);
    const other = await ask(world.database, "/suppression-lists/sunco-customers/check?phone=5551234567");
    expect(other.body.data.suppressed).toBe(false);
  });

  test("suppression entries hold nobody's number: only a keyed hash is kept", async () => {
    await configure();
    await add([{ phone: "5551234567" }]);
    const rows = await world.database.read((db) => builderOn(db).select().from(suppressionEntries));
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain("5551234567");
  });

  test("suppression entries are refused together, each error by its place and without its value", async () => {
    await configure();
    const answer = await add([{ phone: "5551234567" }, { phone: "77" }, "x", {}, { email: "nobody" }]);
    expect(answer.status).toBe(400);
    expect(answer.body.field_errors.map((error) => `${error.field} ${error.code}`)).toEqual([
      "entries[1].phone invalid_format",
      "entries[2] invalid_type",
      "entries[3] required",
      "entries[4].email invalid_format",
    ]);
    expect(JSON.stringify(answer.body)).not.toContain("nobody");
    expect(await check("phone=5551234567")).toBe(false);
  });

  test("suppression entries are taken up to ten thousand at once", async () => {
    await configure();
    const many = Array.from({ length: 10_000 }, (_, n) => ({ phone: `555${String(2_000_000 + n)}` }));
    expect<object>((await add(many)).body.data).toEqual({ received: 10_000, added: 10_000 });
    expect((await add([...many, { phone: "5551234567" }])).body.field_errors).toMatchObject([
      { field: "entries", code: "too_long" },
    ]);
  });

  test("suppression entries must come as a list and with nothing beside it", async () => {
    await configure();
    expect((await add(undefined)).body.field_errors).toMatchObject([{ field: "entries", code: "required" }]);
    expect((await add({})).body.field_errors).toMatchObject([{ field: "entries", code: "invalid_type" }]);
    expect((await add([], { list: 1 })).body.field_errors).toMatchObject([{ code: "unknown_field" }]);
  });

  test("suppression entries of a list that does not exist are not found", async () => {
    expect((await add([{ phone: "5551234567" }])).status).toBe(404);
    expect((await remove({ phone: "5551234567" })).status).toBe(404);
    expect((await ask(world.database, `${list}/check?phone=5551234567`)).status).toBe(404);
  });

  test("suppression entries are asked for by a phone or an e-mail", async () => {
    await configure();
    expect((await ask(world.database, `${list}/check`)).status).toBe(400);
    expect((await ask(world.database, `${list}/check?phone=12`)).body.field_errors).toMatchObject([
      { field: "phone" },
    ]);
    expect((await ask(world.database, `${list}/check?name=Ann`)).status).toBe(400);
  });
});
