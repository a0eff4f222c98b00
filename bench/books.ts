import { type Ground, onGround, query } from "./database.ts";
import { median, table, verdict, whole } from "./figures.ts";
import { watchMemory } from "./memory.ts";
import { postgresTime, postmasterOf, serverTime } from "./processes.ts";
import { ADMIN_KEY, type Server, setUp, startLeadgate } from "./servers.ts";

/**
 * `bun bench/books.ts`, or `bun run bench --books`: a year of ten million leads in the hourly figures, reported by campaign and day; and
 * the statement of a buyer with 100,000 sales of a month in which all buyers together had 800,000.
 */

/** One that is over: a statement ends now, and days are summed up. */
const YEAR = 2025;
const CAMPAIGNS = 20;
/** In each hour, of each campaign, a row for each supplier with each of two buyers and one with none: 10.5 million leads. */
const SUPPLIERS = 5;
const LEADS_A_ROW = 4;
const SALES = { ofBuyer: 100_000, ofOthers: 700_000 };
const ROUNDS = 7;

const FIGURES = `insert into figures (hour, campaign_id, supplier_id, buyer_id, currency, accepted, unmatched, rejected, duplicates, sales,
    refused, returned, sold, refunds, payouts)
  select hour, 'c' || campaign, 's' || supplier, case buyer when 0 then '' else 'b' || buyer end, 'USD',
    case buyer when 0 then 0 else ${LEADS_A_ROW} end, case buyer when 0 then ${LEADS_A_ROW} else 0 end, 0, 0,
    case buyer when 0 then 0 else ${LEADS_A_ROW} end, 0, 0, case buyer when 0 then 0 else 80.5 end, 0, case buyer when 0 then 0 else 48.25 end
  from generate_series(timestamptz '${YEAR}-01-01Z', timestamptz '${YEAR}-12-31 23:00Z', interval '1 hour') as hour,
    generate_series(1, ${CAMPAIGNS}) as campaign, generate_series(1, ${SUPPLIERS}) as supplier, generate_series(0, 2) as buyer`;

const TOTALS = `insert into figure_totals
  select hour, campaign_id, currency, sum(accepted), sum(unmatched), 0, 0, sum(sales), 0, 0, sum(sold), 0, sum(payouts)
  from figures where hour < '${YEAR + 1}-01-01Z' group by 1, 2, 3`;

/** As the server sums days up once they are over. */
const DAYS = `insert into figure_days
  select date_trunc('day', hour, 'UTC'), campaign_id, supplier_id, buyer_id, currency, sum(accepted), sum(unmatched), 0, 0, sum(sales), 0, 0,
    sum(sold), 0, sum(payouts)
  from figures where hour < '${YEAR + 1}-01-01Z' group by 1, 2, 3, 4, 5`;

const DAY_TOTALS = `insert into figure_day_totals
  select day, campaign_id, currency, sum(accepted), sum(unmatched), 0, 0, sum(sales), 0, 0, sum(sold), 0, sum(payouts)
  from figure_days group by 1, 2, 3`;

/** Evenly over January, in the order of time as they come. */
const SALES_OF_A_MONTH = `insert into sales (id, campaign_id, lead_id, buyer_id, place, status, price, payout, currency, sold_at, supplier_id)
  select gen_random_uuid(), one.campaign_id, gen_random_uuid(),
    case when number % ${SALES.ofOthers / SALES.ofBuyer + 1} = 0 then one.buyer_id else 'b' || number % 7 end, 1, 'sold', 20, 12, 'USD',
    timestamptz '${YEAR}-01-01Z' + number * interval '${(31 * 86_400) / (SALES.ofBuyer + SALES.ofOthers)} seconds', one.supplier_id
  from (select * from sales limit 1) as one, generate_series(0, ${SALES.ofBuyer + SALES.ofOthers - 1}) as number`;

export async function measureBooks(ground: Ground): Promise<void> {
  const databaseUrl = await ground.createDatabase("books");
  const server = await startLeadgate({ databaseUrl }, ground.folder);
  await setUp(server);
  for (const statement of [
    FIGURES,
    TOTALS,
    DAYS,
    DAY_TOTALS,
    SALES_OF_A_MONTH,
    "vacuum analyze",
    "checkpoint",
  ]) {
    await query(databaseUrl, statement);
  }
  const [sold] = await query(
    databaseUrl,
    "select buyer_id as buyer from sales order by sold_at desc limit 1",
  );
  const range = `from=${YEAR}-01-01&to=${YEAR}-12-31`;
  const reports = {
    "by campaign and day": `reports/pnl?${range}&group_by=campaign,day`,
    "by campaign and day, in New York": `reports/pnl?${range}&group_by=campaign,day&timezone=America/New_York`,
    "by supplier and month": `reports/pnl?${range}&group_by=supplier,month`,
  };
  const postmaster = await postmasterOf(ground.url);
  const worked = () => (serverTime(server.pid) + postgresTime(postmaster)) / 1000;
  const rows = [];
  for (const [name, path] of Object.entries(reports)) {
    const times = [];
    const before = worked();
    for (let round = 0; round < ROUNDS; round++) times.push((await read(server, path)).ms);
    const cpu = (worked() - before) / ROUNDS;
    rows.push({ name, ms: median(times), longest: Math.max(...times), cpu });
  }
  const memory = watchMemory(server.pid);
  const statements = [];
  for (const lines of ["sale", "day"]) {
    const path = `buyers/${sold?.["buyer"]}/statement?month=${YEAR}-01&lines=${lines}&format=csv`;
    statements.push({ lines, ...(await read(server, path)) });
  }
  const { before, most } = memory.stop();
  await server.stop();
  const [{ leads } = {}] = await query(
    databaseUrl,
    `select sum(accepted + unmatched)::int as leads from figures where hour < '${YEAR + 1}-01-01Z'`,
  );
  console.log(
    table([
      [`P&L of a year, ${whole(Number(leads))} leads, Postgres`, "ms", "longest ms", "CPU ms"],
      ...rows.map(({ name, ms, longest, cpu }) => [name, whole(ms), whole(longest), whole(cpu)]),
    ]),
  );
  console.log(
    table([
      [`Statement of a month, ${whole(SALES.ofBuyer)} sales`, "ms", "lines"],
      ...statements.map(({ lines, ms, count }) => [`by ${lines}`, whole(ms), whole(count)]),
    ]),
  );
  console.log(
    table([
      ["Target", "measured", "wanted", ""],
      verdict({ says: "P&L by campaign and day, ms", figure: rows[0]?.ms ?? Number.NaN, atMost: 500 }),
      verdict({ says: "Statement by sale, s", figure: (statements[0]?.ms ?? Number.NaN) / 1000, atMost: 3 }),
      verdict({ says: "Memory that statements added, MiB", figure: most - before, atMost: 64 }),
    ]),
  );
}

/** How long the whole answer took, and how many lines it has. */
async function read({ port }: Server, path: string): Promise<{ ms: number; count: number }> {
  const began = performance.now();
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/admin/${path}`, {
    headers: { authorization: `Bearer ${ADMIN_KEY}` },
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  let count = 0;
  for await (const chunk of answer.body ?? []) count += chunk.filter((byte) => byte === 10).length;
  return { ms: performance.now() - began, count };
}

if (import.meta.main) await onGround(measureBooks);
