import { describe, expect, test } from "bun:test";
import { recordText } from "#cli/command/record.ts";
import { tableText } from "#cli/command/table.ts";

const LOG = { isColoured: false, width: undefined };

describe("a table", () => {
  const rows = [
    { id: "sunco", status: "active", balance: "120.50", note: "calls back within the hour, on weekdays" },
    { id: "texsun", status: "paused", balance: "-3.00", note: null },
  ];

  test("has the names of its columns, amounts to the right, and a dash for nothing", () => {
    expect(tableText(rows, ["id", "status", "balance", "note"], LOG)).toBe(
      `ID      STATUS  BALANCE  NOTE
sunco   active   120.50  calls back within the hour, on weekdays
texsun  paused    -3.00  -
`,
    );
  });

  test("fits a terminal: texts are cut, then the last columns are left out by name, ids never", () => {
    const narrow = tableText(rows, ["id", "status", "balance", "note"], { isColoured: false, width: 40 });
    expect(narrow.split("\n").slice(0, 2)).toEqual([
      "ID      STATUS  BALANCE  NOTE",
      "sunco   active   120.50  calls back wit…",
    ]);
    expect(tableText(rows, ["id", "status", "balance", "note"], { isColoured: false, width: 20 })).toBe(
      "ID      STATUS\nsunco   active\ntexsun  paused\n(BALANCE, NOTE: no room; --json has all)\n",
    );
    expect(tableText(rows, ["id"], { isColoured: false, width: 3 })).toBe("ID\nsunco\ntexsun\n");
  });

  test("is coloured by the words of states where colours are wanted", () => {
    expect(tableText(rows, ["status"], { isColoured: true, width: 80 })).toBe(
      "\u001b[1mSTATUS\u001b[0m\n\u001b[32mactive\u001b[0m\n\u001b[33mpaused\u001b[0m\n",
    );
  });

  test("shows times to the second, lists in words, and nothing that a terminal would obey", () => {
    const row = {
      decided_at: "2026-03-04T12:00:05.123Z",
      events: ["a", "b"],
      is_test: true,
      name: "x\u001b[31m\ny",
    };
    expect(tableText([row], ["decided_at", "events", "is_test", "name"], LOG).split("\n")[1]).toBe(
      "2026-03-04T12:00:05Z  a, b    yes      x [31m y",
    );
  });

  test("pads letters of the East by the room that they take", () => {
    expect(
      tableText(
        [
          { name: "太陽", id: "a" },
          { name: "sun", id: "b" },
        ],
        ["name", "id"],
        LOG,
      ),
    ).toBe("NAME  ID\n太陽  a\nsun   b\n");
  });
});

test("a record shows its plain values, then what is inside it, and leaves out what is not there", () => {
  const record = {
    id: "lead_1",
    status: "ACCEPTED",
    reason: null,
    fields: { state: "TX" },
    sales: [{ buyer_id: "sunco", price: "10.00", note: null }],
    updates: [],
    body: "a=1\nb=2",
  };
  expect(recordText(record, LOG)).toBe(`id      lead_1
status  ACCEPTED
fields
  state  TX
sales
  BUYER  PRICE
  sunco  10.00
body
  a=1
  b=2
`);
});
