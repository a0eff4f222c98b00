import { expect, test } from "bun:test";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { fullDocument, withBuyer } from "../configuration/document-examples.ts";
import { onBothDatabases } from "../support/database.ts";
import { violations } from "../support/invariants.ts";
import { ask } from "./operator-api.ts";

onBothDatabases("the books", (world) => {
  const configure = (document: ConfigurationDocument) =>
    ask(world.database, "/config", { method: "PUT", body: document });
  const send = async (path: string, body: unknown) => {
    const { status, text } = await ask(world.database, path, { method: "POST", body });
    return { status, ...JSON.parse(text) };
  };
  const dataOf = async (path: string) => JSON.parse((await ask(world.database, path)).text);

  test("a balance is put right by an adjustment with a note, and the ledger tells of both parties", async () => {
    await configure(fullDocument());
    await send("/buyers/buyer_abc/deposits", { amount: "100.00", reference: "wire" });
    const adjusted = await send("/buyers/buyer_abc/adjustments", {
      amount: "-12.50",
      note: "agreed by phone",
    });
    expect(adjusted).toMatchObject({
      status: 201,
      data: { buyer_id: "buyer_abc", amount: "-12.50", balance: "87.50", note: "agreed by phone" },
    });
    const { data, next_cursor } = await dataOf("/ledger");
    expect(next_cursor).toBeNull();
    expect(data).toMatchObject([
      {
        kind: "adjustment",
        party: "buyer",
        buyer_id: "buyer_abc",
        amount: "-12.50",
        note: "agreed by phone",
      },
      { kind: "adjustment", party: "operator", amount: "12.50", event_id: adjusted.data.id },
      { kind: "payment", party: "buyer", amount: "100.00", reference: "wire", currency: "USD" },
      { kind: "payment", party: "operator", amount: "-100.00" },
    ]);
    expect(await violations(world.database)).toEqual([]);
    const { data: changes } = await dataOf("/history?buyer=buyer_abc&limit=1");
    expect(changes[0].changes[0]).toMatchObject({ action: "balance_adjusted" });
  });

  test("the ledger comes page by page, each event whole, and a party's entries sum to its balance", async () => {
    await configure(fullDocument());
    for (const amount of ["1", "2", "3", "4", "5"]) await send("/buyers/buyer_abc/deposits", { amount });
    const seen: string[] = [];
    let cursor = "";
    do {
      const page = await dataOf(`/ledger?buyer=buyer_abc&limit=2${cursor}`);
      for (const entry of page.data) seen.push(entry.amount);
      cursor = page.next_cursor === null ? "" : `&cursor=${page.next_cursor}`;
    } while (cursor !== "");
    expect(seen).toEqual(["5.00", "4.00", "3.00", "2.00", "1.00"]);
    expect((await dataOf("/buyers/buyer_abc/balance")).data.balance).toBe("15.00");
    expect((await dataOf("/ledger?kind=adjustment")).data).toEqual([]);
    expect((await ask(world.database, "/ledger?cursor=bm8")).status).toBe(400);
    const { field_errors } = await dataOf("/ledger?buyer=buyer_abd");
    expect(field_errors).toMatchObject([
      { field: "buyer", message: "there is no such buyer; did you mean buyer_abc?" },
    ]);
  });

  test("a wallet is not adjusted below zero, nor a credit over its limit", async () => {
    await configure(withBuyer({ billing: { mode: "wallet" } }));
    await send("/buyers/buyer_abc/deposits", { amount: "10.00" });
    const refused = await send("/buyers/buyer_abc/adjustments", { amount: "-10.01", note: "too much" });
    expect(refused).toMatchObject({ status: 409, error: "conflict" });
    expect(refused.message).toContain("there is 10.00");
    expect((await send("/buyers/buyer_abc/adjustments", { amount: "-10.00", note: "all" })).status).toBe(201);
    await configure(withBuyer({ billing: { mode: "credit", limit: "5.00" } }));
    expect((await send("/buyers/buyer_abc/adjustments", { amount: "-5.01", note: "over" })).status).toBe(409);
    expect((await send("/buyers/buyer_abc/adjustments", { amount: "-5.00", note: "all" })).status).toBe(201);
    expect(await violations(world.database)).toEqual([]);
  });

  test("a supplier is owed its costs, and less by what it was paid", async () => {
    await configure(fullDocument());
    const day = "2026-01-12";
    const cost = (body: object) => send("/suppliers/supplier_xyz789/costs", { day, ...body });
    expect(await cost({ amount: "310.55", source: "search" })).toMatchObject({
      status: 200,
      data: { amount: "310.55", replaced: null, source: "search", campaign_id: null },
    });
    expect(await cost({ amount: "300.00", source: "search" })).toMatchObject({
      data: { replaced: "310.55" },
    });
    expect(await cost({ amount: "300.00", source: "search" })).toMatchObject({
      data: { replaced: "300.00" },
    });
    await cost({ amount: "50.00", campaign: "campaign_abc123" });
    await cost({ amount: "7.00" });
    expect(await cost({ amount: "0" })).toMatchObject({ data: { replaced: "7.00" } });
    const paid = await send("/suppliers/supplier_xyz789/payments", { amount: "400.00", reference: "SEPA 1" });
    expect(paid).toMatchObject({ status: 201, data: { amount: "400.00", balance: "-50.00" } });
    const { data } = await dataOf("/ledger?supplier=supplier_xyz789");
    expect(data.map((entry: { kind: string; amount: string }) => [entry.kind, entry.amount])).toEqual([
      ["payout", "-400.00"],
      ["cost", "-7.00"],
      ["cost", "7.00"],
      ["cost", "50.00"],
      ["cost", "300.00"],
      ["cost", "-310.55"],
      ["cost", "310.55"],
    ]);
    expect((await dataOf("/suppliers/supplier_xyz789/balance")).data).toEqual({
      supplier_id: "supplier_xyz789",
      balance: "-50.00",
      currency: "USD",
      balances: [{ currency: "USD", balance: "-50.00" }],
    });
    expect(await cost({ amount: "1", campaign: "nowhere" })).toMatchObject({
      status: 400,
      field_errors: [{ field: "campaign", code: "not_allowed" }],
    });
  });

  test("a party whose campaigns are in several currencies has a balance in each, and payments name theirs", async () => {
    const campaigns = ["EUR", "JPY"].map((currency) => ({
      id: `in-${currency.toLowerCase()}`,
      currency,
      buyers: [{ buyer: "both" }],
    }));
    await configure({ version: 1, buyers: [{ id: "both" }], campaigns });
    const unnamed = await send("/buyers/both/deposits", { amount: "5" });
    expect(unnamed).toMatchObject({ status: 409 });
    expect(unnamed.message).toContain("EUR and JPY");
    expect((await send("/buyers/both/deposits", { amount: "5", currency: "USD" })).status).toBe(409);
    expect(await send("/buyers/both/deposits", { amount: "500", currency: "JPY" })).toMatchObject({
      data: { balance: "500", currency: "JPY" },
    });
    await send("/buyers/both/adjustments", { amount: "-1.5", currency: "EUR", note: "a fee" });
    const { data } = await dataOf("/buyers/both/balance");
    expect(data).toMatchObject({
      balance: null,
      currency: null,
      balances: [
        { currency: "EUR", balance: "-1.50" },
        { currency: "JPY", balance: "500" },
      ],
    });
    expect(data.message).toContain("EUR, JPY");
  });

  test("nothing is put into the books of a party that does not exist", async () => {
    await configure(fullDocument());
    const adjustment = { amount: "1", note: "a note" };
    const statuses = await Promise.all([
      send("/buyers/nobody/adjustments", adjustment),
      send("/suppliers/nobody/adjustments", adjustment),
      send("/suppliers/nobody/payments", { amount: "1" }),
      send("/suppliers/nobody/costs", { day: "2026-01-12", amount: "1" }),
      ask(world.database, "/suppliers/nobody/balance"),
    ]);
    expect(statuses.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404]);
  });
});
