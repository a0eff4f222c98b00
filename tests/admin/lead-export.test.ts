import { describe, expect, test } from "bun:test";
import { parse } from "csv-parse/sync";
import { sql } from "drizzle-orm";
import { leads } from "#cli/records/leads.ts";
import type { Database } from "#database/database.ts";
import { csvLine } from "#text/csv.ts";
import { commandContext } from "../cli/context.ts";
import { onBothDatabases } from "../support/database.ts";
import { aDocument, aLead, type Leadgate, OPERATOR_KEY, openLeadgate } from "../support/leadgate.ts";

/** Puts leads on record that nobody sent, `count` of them, one a second. */
async function fill(database: Database, count: number): Promise<void> {
  await database.write((tx) =>
    tx.execute(sql`
      insert into leads (id, campaign_id, supplier_id, status, reason, is_test, currency, revision, decided_at, request_id, fields, trace)
      select ('01900000-' || lpad(to_hex(n / 65536), 4, '0') || '-7' || lpad(to_hex(n % 4096), 3, '0') || '-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
        'solar', 'acme', case when n % 2 = 0 then 'UNMATCHED' else 'REJECTED' end, 'no_buyer', false, 'USD', 1,
        timestamptz '2026-01-01' + n * interval '1 second', 'r', jsonb_build_object('n', n, 'first_name', 'Ada', 'notes', repeat('x', 200)), '[]'
      from generate_series(1, ${count}::int) as n`),
  );
}

function exported(leadgate: Leadgate, query: string, headers: Record<string, string> = {}) {
  return leadgate.admin("GET", `/leads${query}`, undefined, headers);
}

onBothDatabases("the export of leads", (world) => {
  test("the export of leads as CSV holds what the list shows, and the fields", async () => {
    const leadgate = openLeadgate(world.database);
    await leadgate.configure(aDocument());
    await leadgate.ingest("acme", aLead({ roof_age: 12, note: 'said "yes", twice\nand left' }));
    await leadgate.ingest("acme", aLead({ flo_campaign_id: "solar", state: "OK" }));
    const listed = (await leadgate.admin("GET", "/leads")).body.data;
    const reply = await exported(leadgate, "", { accept: "text/csv" });
    expect(reply.status).toBe(200);
    expect(reply.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(reply.headers.get("content-disposition")).toBe('attachment; filename="leads.csv"');
    const rows: Record<string, string>[] = parse(reply.body, { columns: true });
    const shown = rows.map(({ fields: _, ...row }) => row);
    const asText = (value: string | boolean | null) => (value === null ? "" : String(value));
    expect(shown).toEqual(
      // The sales of a lead are as many as its buyers, and have no columns.
      listed.map(({ sales: _, ...lead }: { sales: unknown }) =>
        Object.fromEntries(Object.entries(lead).map(([k, v]) => [k, asText(v as string)])),
      ),
    );
    expect(JSON.parse(rows[1]?.["fields"] ?? "")).toMatchObject({
      first_name: "Ada",
      roof_age: 12,
      note: 'said "yes", twice\nand left',
    });
  });

  test("the export of leads breaks off when the key is revoked by which it was asked for", async () => {
    const leadgate = openLeadgate(world.database);
    await leadgate.configure(aDocument());
    await fill(world.database, 2_000);
    const { id, key } = (await leadgate.admin("POST", "/operator-keys", { name: "ada", role: "read" })).body
      .data;
    const request = new Request("http://localhost/api/v1/admin/leads?format=csv", {
      headers: { authorization: `Bearer ${key}` },
    });
    const reader = (await leadgate.server.handle(request)).body?.getReader();
    await reader?.read();
    await leadgate.another().admin("DELETE", `/operator-keys/${id}`);
    const rest = async () => {
      while (!((await reader?.read())?.done ?? true));
    };
    expect(await rest().catch(String)).toContain("may look no more");
  });

  test("the export of leads has a column for each field that is asked for, by its name unless a column has that", async () => {
    const leadgate = openLeadgate(world.database);
    await leadgate.configure(aDocument());
    await leadgate.ingest("acme", aLead({ status: "warm", roof: { age: 3 } }));
    const { body } = await exported(leadgate, "?format=csv&fields=first_name,status,roof,absent");
    const [row] = parse<Record<string, string>>(body, { columns: true });
    expect(row).toMatchObject({
      status: "ACCEPTED",
      first_name: "Ada",
      "fields.status": "warm",
      roof: '{"age":3}',
      absent: "",
    });
    expect(row).not.toHaveProperty("fields");
    const lines = (await exported(leadgate, "?format=ndjson&fields=first_name,absent")).body;
    expect(JSON.parse(lines).fields).toEqual({ first_name: "Ada", absent: null });
  });

  test("the export of a campaign's leads has a column for each of its fields, and one for what else came", async () => {
    const leadgate = openLeadgate(world.database);
    await leadgate.configure(aDocument());
    await leadgate.ingest("acme", aLead({ status: "warm", roof_age: 12, favourite: "blue" }));
    const { body } = await exported(leadgate, "?format=csv&campaign=solar");
    const [row] = parse<Record<string, string>>(body, { columns: true });
    expect(row).toMatchObject({
      first_name: "Ada",
      state: "TX",
      zip_code: expect.any(String),
      status: "ACCEPTED",
    });
    expect(row).not.toHaveProperty("fields");
    const mapped = new Set(Object.keys(row ?? {}));
    const others = JSON.parse(row?.["other_fields"] ?? "");
    expect(others).toMatchObject({ favourite: "blue", status: "warm" });
    expect(Object.keys(others).filter((name) => name !== "status" && mapped.has(name))).toEqual([]);
  });

  test("the export of leads by sale has each buyer's own price, and with a buyer that one's alone", async () => {
    const leadgate = openLeadgate(world.database);
    await leadgate.configure(
      aDocument({ campaign: { max_sells: 2 }, buyers: { second: { returns: { allowed: true } } } }),
    );
    const { id } = (await leadgate.ingest("acme", aLead())).body.data;
    const rows = async (query: string) =>
      parse<Record<string, string>>((await exported(leadgate, `?format=csv&${query}`)).body, {
        columns: true,
      });
    const shown = (found: Record<string, string>[]) =>
      found.map(({ buyer_id, price, sale_status }) => [buyer_id, price, sale_status]);
    expect(shown(await rows("sales=true"))).toEqual([
      ["first", "10.00", "sold"],
      ["second", "20.00", "sold"],
    ]);
    expect(shown(await rows("buyer=second"))).toEqual([["second", "20.00", undefined]]);
    const asked = await leadgate.admin("POST", `/leads/${id}/returns`, {
      buyer_id: "second",
      reason: "bad_contact",
    });
    await leadgate.admin("POST", `/returns/${asked.body.data.id}/accept`);
    leadgate.acknowledged.length = 0;
    expect(shown(await rows("sales=true&buyer=second"))).toEqual([["second", "20.00", "returned"]]);
    expect(await rows("buyer=second")).toEqual([]);
    const [line] = String((await exported(leadgate, "?format=ndjson&sales=true&buyer=first")).body).split(
      "\n",
    );
    expect(JSON.parse(line ?? "")).toMatchObject({
      id,
      buyer_id: "first",
      price: "10.00",
      sale_status: "sold",
    });
  });

  test("the export of leads takes days of a time zone, a source and a reason", async () => {
    const leadgate = openLeadgate(world.database);
    await leadgate.configure(aDocument());
    for (const [at, source] of [
      ["2026-03-08T04:30:00Z", "search"],
      ["2026-03-08T05:30:00Z", "search"],
      ["2026-03-09T03:30:00Z", "social"],
      ["2026-03-09T04:30:00Z", "search"],
    ] as const) {
      leadgate.clock.set(at);
      await leadgate.ingest("acme", aLead({ source }));
    }
    const count = async (query: string) =>
      parse((await exported(leadgate, `?format=csv&${query}`)).body, { columns: true }).length;
    const day = "since=2026-03-08&until=2026-03-08";
    expect(await count(day)).toBe(2);
    expect(await count(`${day}&timezone=America/New_York`)).toBe(2);
    expect(await count(`${day}&timezone=America/New_York&source=social`)).toBe(1);
    expect([await count("reason=no_buyer"), await count("source=search")]).toEqual([0, 3]);
  });

  test("the export of leads takes the filters of the list, and no page", async () => {
    const leadgate = openLeadgate(world.database);
    await fill(world.database, 1_203);
    const ndjson = await exported(leadgate, "?format=ndjson&status=UNMATCHED&until=2026-01-01T00:10:00Z");
    const found = String(ndjson.body)
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(found.map(({ fields }) => fields.n)).toEqual(Array.from({ length: 299 }, (_, at) => 598 - at * 2));
    const all = await exported(leadgate, "", { accept: "application/x-ndjson" });
    expect(String(all.body).split("\n")).toHaveLength(1_203 + 1);
    for (const [query, field] of [
      ["?format=xlsx", "format"],
      ["?format=csv&limit=5", "limit"],
      ["?format=csv&status=LOST", "status"],
      ["?format=csv&fields=a,,b", "fields"],
      ["?format=csv&campaign=solr", "campaign"],
      ["?format=csv&supplier=acne", "supplier"],
      ["?format=ndjson&buyer=frist", "buyer"],
      ["?buyer=frist", "buyer"],
      ["?format=csv&since=2026-13-01", "since"],
      ["?format=csv&timezone=Mars", "timezone"],
    ] as const) {
      const { status, body } = await exported(leadgate, query);
      expect([query, status, body.field_errors[0].field]).toEqual([query, 400, field]);
    }
  });

  test("the export of 20,000 leads reads no more of them than are taken, and stops when the caller goes away", async () => {
    await fill(world.database, 20_000);
    let reads = 0;
    const counted: Database = {
      ...world.database,
      survey: (work) => {
        reads += 1;
        return world.database.survey(work);
      },
    };
    const { server } = openLeadgate(counted);
    const headers = { authorization: `Bearer ${OPERATOR_KEY}` };
    const address = "http://localhost/api/v1/admin/leads?format=ndjson";
    const whole = await server.handle(new Request(address, { headers }));
    let lines = 0;
    for await (const chunk of whole.body ?? []) lines += chunk.filter((byte) => byte === 10).length;
    expect(lines).toBe(20_000);
    const allReads = reads;
    expect(allReads).toBeGreaterThan(39);

    reads = 0;
    const left = await server.handle(new Request(address, { headers }));
    const reader = left.body?.getReader();
    for (let taken = 1; taken <= 3; taken += 1) {
      expect((await reader?.read())?.value?.filter((byte) => byte === 10).length).toBe(500);
      expect(reads).toBeLessThan(taken + 5);
    }
    await reader?.cancel();
    const readBefore = reads;
    await world.database.ping();
    expect(reads).toBe(readBefore);
    await server.stop();
  });

  test("the export of leads is what `leadgate leads export` writes, by the same filters", async () => {
    const leadgate = openLeadgate(world.database);
    await fill(world.database, 700);
    const port = await leadgate.server.listen("127.0.0.1", 0);
    const run = async (...args: string[]) => {
      const [out, err]: [string[], string[]] = [[], []];
      const context = commandContext(
        { url: `http://127.0.0.1:${port}`, adminKey: OPERATOR_KEY },
        { write: (text) => void out.push(text), writeError: (text) => void err.push(text) },
      );
      const code = await leads.run(args, context);
      return { code, out: out.join(""), err: err.join("") };
    };
    const whole = await run("export");
    expect(whole).toMatchObject({ code: 0, err: "" });
    expect(whole.out).toBe((await exported(leadgate, "?format=csv")).body);
    const some = await run("export", "--format", "ndjson", "--status", "REJECTED", "--fields", "n");
    expect(some.out).toBe((await exported(leadgate, "?format=ndjson&status=REJECTED&fields=n")).body);
    expect(await run("export", "--status", "LOST")).toMatchObject({ code: 1, out: "" });
    expect((await run("import")).code).toBe(2);
  });

  test("the export of leads breaks off when the server stops, so that nobody takes a part for the whole", async () => {
    await fill(world.database, 5_000);
    const { server } = openLeadgate(world.database);
    const port = await server.listen("127.0.0.1", 0);
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/admin/leads?format=csv`, {
      headers: { authorization: `Bearer ${OPERATOR_KEY}` },
    });
    const reader = response.body?.getReader();
    await reader?.read();
    const stopped = server.stop();
    const rest = async () => {
      for (;;) if ((await reader?.read())?.done !== false) return "ended";
    };
    expect(await rest().catch(() => "broken off")).toBe("broken off");
    await stopped;
  });
});

describe("a line of CSV", () => {
  test.each([
    ['=HYPERLINK("http://x")', `"'=HYPERLINK(""http://x"")"`],
    ["+1-512", "'+1-512"],
    ["-2+3", "'-2+3"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["\t=1", `"'\t'=1"`],
    ["+15125550123", "+15125550123"],
    ["-12.50", "-12.50"],
    ["a=b", "a=b"],
    ["two\nlines", '"two\nlines"'],
    ["", ""],
  ])("a line of CSV holds %j so that no spreadsheet computes it", (cell, written) => {
    expect(csvLine(["x", cell, null])).toBe(`x,${written},\r\n`);
  });
});
