import { expect, test } from "bun:test";
import { upgradedFrom } from "../support/upgraded.ts";

const id = (number: number) => `'00000000-0000-7000-8000-00000000000${number}'`;

/** What a ping was promised, with the buyer's name for its bid, and without. */
const bids = (reference: string) =>
  JSON.stringify([
    { buyerId: "first", price: 100_000, payout: 50_000, furtherPayout: 0, reference },
    { buyerId: "second", price: 90_000, payout: 50_000, furtherPayout: 0, reference: null },
  ]);
const ADA = 'ada "1" \\';

/** A lead that is erased, and one that is not: a ping and a return of each, and a delivery with two attempts that were answered. */
const OLD = `
  insert into leads (id, campaign_id, supplier_id, status, is_test, currency, revision, decided_at, fields, trace, erased_at) values
    (${id(1)}, 'solar', 'acme', 'RETURNED', false, 'USD', 1, '2026-01-01', '{}', '[]', '2026-01-02'),
    (${id(2)}, 'solar', 'acme', 'ACCEPTED', false, 'USD', 1, '2026-01-01', '{}', '[]', null);
  insert into redeemed_pings (id, campaign_id, lead_id, bids, redeemed_at) values
    (${id(1)}, 'solar', ${id(1)}, '${bids(ADA)}', '2026-01-01'),
    (${id(2)}, 'solar', ${id(2)}, '${bids("bob")}', '2026-01-01');
  insert into returns (id, campaign_id, lead_id, sale_id, buyer_id, reason, note, status, amount, currency, asked_at, asked_by,
      decided_at, decision_note) values
    (${id(3)}, 'solar', ${id(1)}, ${id(5)}, 'first', 'other', 'Ada did not answer', 'rejected', 1, 'USD', '2026-01-03', 'buyer',
      '2026-01-04', 'Ada did'),
    (${id(4)}, 'solar', ${id(2)}, ${id(6)}, 'first', 'other', 'Bob did not answer', 'pending', 1, 'USD', '2026-01-03', 'buyer',
      null, null);
  insert into deliveries (id, campaign_id, lead_id, recipient, event, content_type, body, state, attempts, next_at, give_up_at,
      created_at, ended_at, erased_at, reference, reason, first_started_at, first_duration_ms, first_http_status, first_excerpt) values
    (${id(7)}, 'solar', ${id(1)}, 'buyer:first', 'lead.accepted', 'text/plain', '', 'rejected', 2, '2026-01-01', '2026-01-02',
      '2026-01-01', '2026-01-02', '2026-01-02', 'ada-1', 'Ada is known', '2026-01-01', 1, 200, 'Ada is known'),
    (${id(8)}, 'solar', ${id(2)}, 'buyer:first', 'lead.accepted', 'text/plain', 'Bob', 'rejected', 2, '2026-01-01', '2026-01-02',
      '2026-01-01', '2026-01-02', null, 'bob-1', 'Bob is known', '2026-01-01', 1, 200, 'Bob is known'),
    (${id(9)}, 'solar', ${id(1)}, 'webhook:own', 'lead.returned', 'text/plain', '', 'dead', 1, '2026-01-01', '2026-01-02',
      '2026-01-01', '2026-01-02', '2026-01-02', null, 'erased', null, null, null, null);
  insert into delivery_attempts (delivery_id, campaign_id, number, trigger, started_at, duration_ms, http_status, excerpt) values
    (${id(7)}, 'solar', 2, 'hand', '2026-01-01', 1, 200, 'Ada is known'),
    (${id(8)}, 'solar', 2, 'hand', '2026-01-01', 1, 200, 'Bob is known');`;

const database = upgradedFrom('UPDATE "returns"', OLD);

test("an upgrade empties the notes of returns of leads that are erased, and no others", async () => {
  const notes = await database.client`select note, decision_note from returns order by id`;
  expect([...notes]).toEqual([
    { note: null, decision_note: null },
    { note: "Bob did not answer", decision_note: null },
  ]);
});

test("an upgrade empties what was answered of deliveries that are erased, and of no others", async () => {
  const answered =
    await database.client`select reference, reason, first_excerpt, first_http_status from deliveries order by id`;
  expect([...answered]).toEqual([
    { reference: null, reason: null, first_excerpt: null, first_http_status: 200 },
    { reference: "bob-1", reason: "Bob is known", first_excerpt: "Bob is known", first_http_status: 200 },
    { reference: null, reason: "erased", first_excerpt: null, first_http_status: null },
  ]);
  const excerpts =
    await database.client`select excerpt, http_status from delivery_attempts order by delivery_id`;
  expect([...excerpts]).toEqual([
    { excerpt: null, http_status: 200 },
    { excerpt: "Bob is known", http_status: 200 },
  ]);
});

test("an upgrade empties the names of bids that pings of erased leads were promised, and of no others", async () => {
  const promised = await database.client`select bids::text as bids from redeemed_pings order by id`;
  expect(promised.map((row) => row["bids"])).toEqual([
    bids(ADA).replace(JSON.stringify(ADA), "null"),
    bids("bob"),
  ]);
});
