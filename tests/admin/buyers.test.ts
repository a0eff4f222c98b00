import { describe, expect, test } from "bun:test";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { builderOn } from "#database/builder.ts";
import { buyerCounters, ledger } from "#database/tables.ts";
import { withBuyer } from "../configuration/document-examples.ts";
import { onBothDatabases } from "../support/database.ts";
import { ask, now } from "./operator-api.ts";

const wallet = withBuyer({ billing: { mode: "wallet" } });

onBothDatabases("buyers' money", (world) => {
  const configure = (document: ConfigurationDocument) =>
    ask(world.database, "/config", { method: "PUT", body: document });
  const payIn = (body: unknown, buyer = "buyer_abc") =>
    ask(world.database, `/buyers/${buyer}/deposits`, { method: "POST", body });
  const balance = async (buyer = "buyer_abc") =>
    JSON.parse((await ask(world.database, `/buyers/${buyer}/balance`)).text).data as object;

  test("a buyer's balance is what was paid in, to the last decimal", async () => {
    await configure(wallet);
    const first = await payIn({ amount: "500.00", reference: "invoice 17" });
    expect(first.status).toBe(201);
    expect(JSON.parse(first.text).data).toEqual({
      id: expect.stringMatching(/^deposit_/),
      event_id: expect.stringMatching(/^event_/),
      buyer_id: "buyer_abc",
      amount: "500.00",
      reference: "invoice 17",
      balance: "500.00",
      currency: "USD",
    });
    expect(JSON.parse((await payIn({ amount: "0.0001" })).text).data.balance).toBe("500.0001");
    expect(await balance()).toEqual({
      buyer_id: "buyer_abc",
      billing: "wallet",
      balance: "500.0001",
      spendable: "500.0001",
      credit_limit: null,
      low_balance: null,
      is_low: false,
      currency: "USD",
      balances: [{ currency: "USD", balance: "500.0001" }],
    });
    const rows = await world.database.read((db) => builderOn(db).select().from(ledger).orderBy(ledger.id));
    expect(rows).toMatchObject([
      { kind: "payment", buyerId: "buyer_abc", buyerAmount: "500.0000", reference: "invoice 17" },
      { kind: "payment", buyerId: "buyer_abc", buyerAmount: "0.0001", reference: null },
    ]);
  });

  test("a deposit is added to what the buyer owes and leaves its usage as it is", async () => {
    await configure(withBuyer({ billing: { mode: "credit", limit: "1000.00" } }));
    await world.database.write(async (tx) => {
      await builderOn(tx).update(buyerCounters).set({ balance: "-120", totalLeads: 3, totalAmount: "120" });
    });
    expect(JSON.parse((await payIn({ amount: "100.00" })).text).data.balance).toBe("-20.00");
    expect(await balance()).toMatchObject({ billing: "credit", balance: "-20.00", credit_limit: "1000.00" });
    const [row] = await world.database.read((db) => builderOn(db).select().from(buyerCounters));
    expect(row).toMatchObject({ totalLeads: 3, totalAmount: "120.0000" });
  });

  test("money that is paid in twice at once arrives whole", async () => {
    await configure(wallet);
    await Promise.all(Array.from({ length: 8 }, () => payIn({ amount: "12.50" })));
    expect(await balance()).toMatchObject({ balance: "100.00" });
  });

  test("a buyer's balance is counted in the currency of the buyer's campaigns, and in none before it has one", async () => {
    await configure({ version: 1, buyers: [{ id: "new", billing: { mode: "wallet" } }] });
    expect(JSON.parse((await payIn({ amount: "5" }, "new")).text).data).toMatchObject({
      balance: "5.00",
      currency: null,
    });
    const campaigns = [{ id: "tokyo", currency: "JPY", buyers: [{ buyer: "new" }] }];
    await configure({ version: 1, buyers: [{ id: "new", billing: { mode: "wallet" } }], campaigns });
    expect(await balance("new")).toMatchObject({ balance: "5", currency: "JPY" });
  });

  test("a buyer that is billed by hand pays what it owes", async () => {
    await configure(withBuyer({ billing: { mode: "manual" } }));
    expect((await payIn({ amount: "5.00" })).status).toBe(201);
    expect(await balance()).toMatchObject({ billing: "manual", balance: "5.00" });
  });

  test("a buyer's balance is counted exactly, also when it is more than one amount can be", async () => {
    await configure(wallet);
    await setBalance("900719925474");
    expect(await payIn({ amount: "1.01" })).toMatchObject({ status: 201 });
    expect(await balance()).toMatchObject({ balance: "900719925475.01" });
  });

  test("a buyer's balance is never more than the database can hold", async () => {
    await configure(wallet);
    await setBalance("99999999999999");
    expect(await payIn({ amount: "1.00" })).toMatchObject({ status: 409, body: { error: "conflict" } });
    expect(await balance()).toMatchObject({ balance: "99999999999999.00" });
    expect(await world.database.read((db) => builderOn(db).select().from(ledger))).toEqual([]);
  });

  async function setBalance(units: string): Promise<void> {
    await world.database.write(async (tx) => {
      await builderOn(tx).update(buyerCounters).set({ balance: units });
    });
  }

  describe("refused deposits", () => {
    test.each([
      ["without an amount", {}, "amount", "required"],
      ["as a number", { amount: 5 }, "amount", "invalid_format"],
      ["below zero", { amount: "-5.00" }, "amount", "invalid_format"],
      ["of nothing", { amount: "0.00" }, "amount", "out_of_range"],
      ["with an empty reference", { amount: "5", reference: "" }, "reference", "invalid_format"],
      [
        "with a reference that cannot be stored",
        { amount: "5", reference: "\0" },
        "reference",
        "invalid_format",
      ],
      ["in no currency", { amount: "5", currency: "dollars" }, "currency", "invalid_format"],
    ])("a deposit is refused: %s", async (_, body, field, code) => {
      await configure(wallet);
      const answer = await payIn(body);
      expect([answer.status, answer.body.field_errors]).toMatchObject([400, [{ field, code }]]);
      expect(await balance()).toMatchObject({ balance: "0.00" });
    });

    test("a deposit is refused for a buyer that does not exist", async () => {
      expect((await payIn({ amount: "5.00" })).status).toBe(404);
      expect((await ask(world.database, "/buyers/buyer_abc/balance")).status).toBe(404);
    });
  });

  test("a deposit is of the time of the server's clock", async () => {
    await configure(wallet);
    await payIn({ amount: "5.00" });
    const [row] = await world.database.read((db) => builderOn(db).select().from(ledger));
    expect(new Date(row?.at ?? "")).toEqual(now);
  });
});
