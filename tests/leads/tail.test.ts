import { expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import { tailLeads } from "#leads/tail.ts";
import { firstUuidAt } from "#text/ids.ts";
import { onBothDatabases } from "../support/database.ts";

const LEADS = 12_000;
const BEGAN_AT = Date.parse("2026-01-13T17:00:00Z");
const ANY = { campaign: null, supplier: null, buyer: null, status: null };

onBothDatabases("following leads from long ago", (world) => {
  test("tells of very many piece by piece, of each once", async () => {
    // A lead in 10 ms: the overlap has some 2,000 of them.
    const ids = Array.from({ length: LEADS }, (_, number) => firstUuidAt(BEGAN_AT + number * 10));
    await world.database.write((tx) =>
      tx.execute(sql`
        insert into leads (id, campaign_id, supplier_id, status, is_test, currency, revision, decided_at, request_id, fields, trace)
        select id::uuid, 'solar', 'acme', 'UNMATCHED', false, 'USD', 1, now(), '', '{}', '[]'
        from json_array_elements_text(${JSON.stringify(ids)}::text::json) as sent (id)`),
    );
    const { signal } = new AbortController();
    const told: string[][] = [];
    for await (const leads of tailLeads(world.database, ANY, firstUuidAt(BEGAN_AT - 60_000), signal)) {
      told.push(leads.map(({ id }) => id));
      if (told.flat().length >= LEADS) break;
    }
    expect(told.map(({ length }) => length)).toEqual([5_000, 5_000, 2_000]);
    expect(told.flat()).toEqual(ids);
  });
});
