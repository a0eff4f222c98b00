import { expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import fc from "fast-check";
import { columnRows } from "#database/batch.ts";
import { statement } from "#database/statement.ts";
import { onBothDatabases } from "../support/database.ts";

interface Row {
  id: number;
  word: string | null;
  said: string | null;
  isTrue: boolean;
}

const rows = columnRows<Row>({
  id: ["integer", ({ id }) => id],
  word: ["text", ({ word }) => word],
  said: ["any text", ({ said }) => said],
  isTrue: ["boolean", ({ isTrue }) => isTrue],
});

const selectAll = statement<Row, Record<string, string>>(
  "select_all",
  "unspread",
  sql`select id, word, said, "isTrue" from ${rows.from} order by id`,
);

/** What Postgres takes as a text; often with the characters that rows are split at. */
const anyText = fc.oneof(
  fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\0", "")),
  fc.string({ unit: fc.constantFrom("\u001f", "\u001e", "=", "a", '"', "\\", ",", "{") }),
);
const word = fc.string({ unit: fc.constantFrom("a", "b", " "), minLength: 1 });
const some = fc.array(
  fc.record({
    word: fc.option(word),
    said: fc.option(anyText),
    isTrue: fc.boolean(),
  }),
  { minLength: 1, maxLength: 5 },
);

onBothDatabases("rows that travel a column a text", (world) => {
  test("come back as they went, whatever strangers wrote in them", async () => {
    const property = fc.asyncProperty(some, async (drawn) => {
      const sent = drawn.map((row, id) => ({ id, ...row }));
      const found = await world.database.read((db) => selectAll.run(db, rows.columnsOf(sent)));
      expect(found.map((row) => ({ ...row }))).toEqual(sent);
    });
    await fc.assert(property, { numRuns: 200 });
  });
});
