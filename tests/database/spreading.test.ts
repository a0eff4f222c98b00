import { expect, test } from "bun:test";
import { is } from "drizzle-orm";
import { getTableConfig, PgTable } from "drizzle-orm/pg-core";
import { SPREADING } from "#database/nodes/spreading.ts";
import * as tables from "#database/tables.ts";

const declared = Object.values(tables)
  .filter((each) => is(each, PgTable))
  .map((each) => getTableConfig(each));
const nameOf = ({ schema, name }: { schema: string | undefined; name: string }) =>
  schema === undefined ? name : `${schema}.${name}`;

test("every table says how it stands on the nodes of Citus", () => {
  const names = [...declared.map(nameOf), "drizzle.__drizzle_migrations"];
  expect(Object.keys(SPREADING).toSorted()).toEqual(names.toSorted());
});

test("a table that is spread by a column has it in whatever key it has, and one that others refer to is on every node", () => {
  for (const table of declared) {
    const spreading = SPREADING[nameOf(table)];
    if (typeof spreading === "object") {
      const keys = [
        ...table.primaryKeys.map(({ columns }) => columns.map(({ name }) => name)),
        ...table.columns.filter(({ primary }) => primary).map(({ name }) => [name]),
        ...table.indexes
          .filter(({ config }) => config.unique)
          .map(({ config }) => config.columns.map((column) => ("name" in column ? column.name : ""))),
      ];
      for (const key of keys)
        expect([table.name, key]).toEqual([table.name, expect.arrayContaining([spreading.by])]);
    }
    for (const { reference } of table.foreignKeys) {
      const { foreignTable } = reference();
      expect([table.name, spreading, SPREADING[nameOf(getTableConfig(foreignTable))]]).toEqual([
        table.name,
        "everywhere",
        "everywhere",
      ]);
    }
  }
});
