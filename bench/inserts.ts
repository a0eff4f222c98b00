import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";

/** How many clients insert. */
const CLIENTS = 64;

/** A row about the size of a lead's, with the one index that it can't do without. */
const TABLE = `create table if not exists plain_leads (
  id uuid primary key, campaign_id text not null, supplier_id text not null, status text not null, buyer_id text not null,
  decided_at timestamptz not null, fields jsonb not null, trace json not null)`;

const FIELDS = JSON.stringify({
  first_name: "Jordan",
  last_name: "Rivera",
  phone: "+12000000000",
  email: "jordan.000000000@example.com",
  state: "TX",
  zip_code: "78701",
  source: "search",
  case_type: "auto",
  incident_date: "2026-01-15",
  roof_age: 17,
});
const TRACE = JSON.stringify(
  Array.from({ length: 9 }, (_, index) => ({
    check: "a line of the trace, as long as one is",
    result: "passed",
    buyer: index,
  })),
);

const INSERT = `insert into plain_leads
  values (gen_random_uuid(), 'hot-campaign', 'acme-media', 'ACCEPTED', 'sunco', now(), '${FIELDS}', '${TRACE}')`;

export interface Inserts {
  perSecond: number;
  /** Which program inserted. */
  by: string;
}

/** How many single rows a second the database makes durable, each in a transaction of its own: nothing decided, nothing looked up. */
export async function measureInserts(url: string, seconds: number): Promise<Inserts> {
  const setUp = postgres(url, { max: 1, onnotice: () => undefined });
  await setUp.unsafe(TABLE);
  await setUp.end();
  const pgbench = Bun.which("pgbench");
  if (pgbench !== null) return { perSecond: await withPgbench(pgbench, url, seconds), by: "pgbench" };
  return { perSecond: await withOwnClients(url, seconds), by: "postgres.js clients" };
}

async function withPgbench(pgbench: string, url: string, seconds: number): Promise<number> {
  const script = join(tmpdir(), `leadgate-insert-${process.pid}.sql`);
  // pgbench would take `:name` for a variable; in this JSON only quotes and digits follow a colon.
  await Bun.write(script, `${INSERT};\n`);
  const options = ["-n", "-M", "prepared", "-c", String(CLIENTS), "-j", "2", "-T", String(seconds)];
  const run = Bun.spawn([pgbench, ...options, "-f", script, url], { stdout: "pipe", stderr: "pipe" });
  const said = await new Response(run.stdout).text();
  const complaint = await new Response(run.stderr).text();
  await rm(script);
  const tps = /^tps = ([\d.]+)/m.exec(said)?.[1];
  if (tps === undefined) throw new Error(`pgbench did not say its rate: ${complaint}`);
  return Number(tps);
}

async function withOwnClients(url: string, seconds: number): Promise<number> {
  const clients = Array.from({ length: CLIENTS }, () => postgres(url, { max: 1, fetch_types: false }));
  await Promise.all(clients.map((client) => client.unsafe("select 1")));
  const started = performance.now();
  const ends = started + seconds * 1000;
  let inserted = 0;
  await Promise.all(
    clients.map(async (client) => {
      while (performance.now() < ends) {
        await client.unsafe(INSERT, [], { prepare: true });
        inserted += 1;
      }
    }),
  );
  const tookSeconds = (performance.now() - started) / 1000;
  await Promise.all(clients.map((client) => client.end()));
  return inserted / tookSeconds;
}
