import { expect, test } from "bun:test";
import { upgradedFrom } from "../support/upgraded.ts";

const id = (number: number) => `'00000000-0000-7000-8000-00000000000${number}'`;

/** A return of a lead that is erased, and one of a lead that is not. */
const OLD = `
  insert into leads (id, campaign_id, supplier_id, status, is_test, currency, revision, decided_at, fields, trace, erased_at) values
    (${id(1)}, 'solar', 'acme', 'RETURNED', false, 'USD', 1, '2026-01-01', '{}', '[]', '2026-01-02'),
    (${id(2)}, 'solar', 'acme', 'ACCEPTED', false, 'USD', 1, '2026-01-01', '{}', '[]', null);
  insert into returns (id, campaign_id, lead_id, sale_id, buyer_id, reason, note, status, amount, currency, asked_at, asked_by,
      decided_at, decision_note) values
    (${id(3)}, 'solar', ${id(1)}, ${id(5)}, 'first', 'other', 'Ada did not answer', 'rejected', 1, 'USD', '2026-01-03', 'buyer',
      '2026-01-04', 'Ada did'),
    (${id(4)}, 'solar', ${id(2)}, ${id(6)}, 'first', 'other', 'Bob did not answer', 'pending', 1, 'USD', '2026-01-03', 'buyer',
      null, null);`;

const database = upgradedFrom('UPDATE "returns"', OLD);

test("an upgrade empties the notes of returns of leads that are erased, and no others", async () => {
  const notes = await database.client`select note, decision_note from returns order by id`;
  expect([...notes]).toEqual([
    { note: null, decision_note: null },
    { note: "Bob did not answer", decision_note: null },
  ]);
});
