import { describe, expect, test } from "bun:test";
import { recordsBegin } from "#ledger/dropped-records.ts";

const at = (iso: string) => Date.parse(iso);

describe("leads are on record", () => {
  const begin = (figure: string | null, lead: string | null) => {
    const found = recordsBegin(
      figure === null ? null : at(figure),
      lead === null ? null : at(lead),
      at("2026-05-05T00:00:00Z"),
    );
    return found === undefined ? "from ever" : new Date(found).toISOString();
  };

  test("from the month of the oldest on, where figures go further back", () => {
    expect(begin("2026-01-31T17:00:00Z", "2026-03-09T12:00:00Z")).toBe("2026-03-01T00:00:00.000Z");
    expect(begin("2026-01-31T17:00:00Z", null)).toBe("2026-05-05T00:00:00.000Z");
  });

  test("from ever, where nothing was dropped yet", () => {
    expect(begin("2026-03-09T12:00:00Z", "2026-03-09T12:00:01Z")).toBe("from ever");
    expect(begin("2026-02-28T23:00:00Z", "2026-03-01T00:00:01Z")).toBe("from ever");
    expect(begin(null, null)).toBe("from ever");
    expect(begin(null, "2026-03-09T12:00:00Z")).toBe("from ever");
  });
});
