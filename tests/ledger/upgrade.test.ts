import { expect, test } from "bun:test";
import { upgradedFrom } from "../support/upgraded.ts";

const PERIODS = ["hour", "day", "week", "month"];
const USAGE = PERIODS.flatMap((period) => [`${period}_start`, `${period}_leads`, `${period}_amount`]);
const UNUSED = PERIODS.map(() => "'epoch', 0, 0").join(", ");

const id = (number: number) => `'00000000-0000-7000-8000-00000000000${number}'`;

/** A wallet that was opened after its buyer's first sale, one that is billed by hand, and a sale that was taken back. */
const OLD = `
  insert into buyers (id, definition) values
    ('late', '{"billing": {"mode": "wallet"}}'), ('hand', '{"billing": {"mode": "manual"}}');
  insert into campaigns (id, revision, definition) values ('solar', 1,
    '{"currency": "EUR", "buyers": [{"buyer": {"id": "late"}}, {"buyer": {"id": "hand"}}]}');
  insert into leads (id, campaign_id, supplier_id, status, is_test, currency, revision, decided_at, request_id, fields, trace) values
    (${id(1)}, 'solar', 'acme', 'ACCEPTED', false, 'EUR', 1, '2026-01-01 10:10Z', '', '{}', '[]'),
    (${id(2)}, 'solar', 'acme', 'ACCEPTED', false, 'EUR', 1, '2026-01-01 12:30Z', '', '{}', '[]'),
    (${id(3)}, 'solar', 'acme', 'ACCEPTED', true, 'EUR', 1, '2026-01-01 10:30Z', '', '{}', '[]');
  insert into sales (id, campaign_id, lead_id, buyer_id, place, status, price, payout, currency, sold_at) values
    (${id(1)}, 'solar', ${id(1)}, 'late', 1, 'sold', 10, 4, 'EUR', '2026-01-01 10:10Z'),
    (${id(2)}, 'solar', ${id(2)}, 'late', 1, 'returned', 10, 4, 'EUR', '2026-01-01 10:20Z'),
    (${id(3)}, 'solar', ${id(2)}, 'hand', 1, 'refused', 20, 8, 'EUR', '2026-01-01 12:20Z'),
    (${id(4)}, 'solar', ${id(2)}, 'hand', 1, 'sold', 20, 8, 'EUR', '2026-01-01 12:30Z'),
    (${id(5)}, 'solar', ${id(3)}, 'late', 1, 'sold', 10, 4, 'EUR', '2026-01-01 10:30Z');
  insert into deposits (id, buyer_id, amount, reference, created_at) values (${id(1)}, 'late', 50, 'transfer', '2026-01-01 11:00Z');
  insert into buyer_counters (buyer_id, balance, total_leads, total_amount, ${USAGE})
    select buyer, balance, 0, 0, ${UNUSED} from (values ('late', 50), ('hand', 7)) as v (buyer, balance);
  insert into campaign_counters (campaign_id, party, party_id, last_turn, owed, total_leads, total_amount, ${USAGE})
    select 'solar', party, party_id, 0, 0, 0, 0, ${UNUSED}
    from (values ('contract', 'late'), ('contract', 'hand'), ('supplier', 'acme')) as v (party, party_id);`;

const database = upgradedFrom('CREATE TABLE "ledger"', OLD);

test("an upgrade writes the ledger of what was paid and taken back, and of what a wallet was never charged for", async () => {
  const events = await database.client`
    select kind, buyer_id, supplier_id, buyer_amount::float8, supplier_amount::float8, currency, reference, at::text from ledger
    where kind <> 'adjustment' order by kind`;
  expect([...events]).toMatchObject([
    { kind: "payment", buyer_id: "late", buyer_amount: 50, currency: "EUR", reference: "transfer" },
    { kind: "return", buyer_id: "late", supplier_id: "acme", buyer_amount: 10, supplier_amount: -4 },
  ]);
  expect(new Date(events[1]?.at)).toEqual(new Date("2026-01-01T12:20:00Z"));
  // 50 paid and 10 sold leave 40: the wallet has the 10 that were sold before it was opened.
  const adjusted =
    await database.client`select buyer_id, buyer_amount::float8 from ledger where kind = 'adjustment'`;
  expect([...adjusted]).toEqual([{ buyer_id: "late", buyer_amount: 10 }]);
});

test("an upgrade has every balance stand where its buyer's way of paying wants it", async () => {
  const counters = await database.client`
    select party_id, balance::float8 from campaign_counters
    union all select 'own of ' || buyer_id, balance::float8 from buyer_counters order by 1`;
  expect([...counters]).toEqual([
    { party_id: "acme", balance: 12 },
    { party_id: "hand", balance: -20 },
    { party_id: "late", balance: 0 },
    { party_id: "own of hand", balance: 0 },
    { party_id: "own of late", balance: 50 },
  ]);
});

test("an upgrade tells sales that were never sold from those that were, and whose they were", async () => {
  const sales = await database.client`select status, supplier_id, is_test from sales order by id`;
  expect(sales.map((sale) => [sale.status, sale.supplier_id, sale.is_test])).toEqual([
    ["sold", "acme", false],
    ["returned", "acme", false],
    ["declined", "acme", false],
    ["sold", "acme", false],
    ["sold", "acme", true],
  ]);
});

test("an upgrade counts leads and money by the hour", async () => {
  const figures = await database.client`
    select extract(hour from hour at time zone 'UTC')::int as hour, buyer_id, accepted, sales, returned, sold::float8, refunds::float8,
      payouts::float8
    from figures order by hour, buyer_id`;
  expect(figures.map((each) => Object.values(each))).toEqual([
    [10, "late", 1, 2, 0, 20, 0, 8],
    [12, "hand", 1, 1, 0, 20, 0, 8],
    [12, "late", 0, 0, 1, 0, 10, -4],
  ]);
});
