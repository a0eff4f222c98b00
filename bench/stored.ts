import { parseArgs } from "node:util";
import { type Ground, onGround, query } from "./database.ts";
import { median, table, verdict, whole } from "./figures.ts";
import { measure, setUp, startLeadgate, type Window } from "./servers.ts";

/**
 * `bun bench/stored.ts [--leads 1000000 --rounds 3]`, or `bun run bench --stored`: the same load on an empty Leadgate and on one that holds
 * a million leads already, in turn on one Postgres. The rates must not differ by more than 10 percent.
 */

const STORED = 1_000_000;
const CONNECTIONS = [64, 256] as const;

/** An id of that time: the months and the order of ids go by it. */
const idAt = (time: string) =>
  `overlay(overlay(md5(random()::text) placing lpad(to_hex((extract(epoch from ${time}) * 1000)::bigint), 12, '0') from 1)
    placing '7' from 13)::uuid`;

/** Leads like the one that is there, each two seconds older than the last, and two duplicate keys for each. */
export function fill(leads: number): string[] {
  return [
    `insert into leads (id, campaign_id, supplier_id, status, reason, is_test, duplicate_of, currency, revision, decided_at, request_id,
       fields, sent, trace)
     select ${idAt("decided_at - number * interval '2 seconds'")}, campaign_id, supplier_id, status, reason, is_test, duplicate_of, currency, revision,
       decided_at - number * interval '2 seconds', request_id, fields, sent, trace
     from (select * from leads limit 1) as one, generate_series(1, ${leads}) as number`,
    `insert into sales
     select ${idAt("decided_at")}, campaign_id, leads.id, buyer_id, place, sales.status, price, payout, sales.currency, decided_at, supplier_id, false
     from leads, (select buyer_id, place, status, price, payout, currency from sales limit 1) as sales
     where leads.id not in (select lead_id from sales)`,
    `insert into lead_keys
     select gen_random_uuid(), campaign_id, id, 'first', decided_at from leads, generate_series(1, 2)`,
  ];
}

/** What an installation's nights do. */
const NIGHTS = ["vacuum analyze", "checkpoint"];

export async function measureStored(
  ground: Ground,
  window: Window,
  rounds: number,
  stored = STORED,
): Promise<void> {
  const [empty, filled] = [await leadgate("empty", ground), await leadgate("filled", ground)];
  for (const statement of [...fill(stored), ...NIGHTS]) await query(filled.url, statement);
  const rows = CONNECTIONS.map((connections) => ({
    connections,
    empty: [] as number[],
    filled: [] as number[],
  }));
  for (let round = 1; round <= rounds; round++) {
    for (const row of rows) {
      const rate = async (port: number) => (await measure(port, row.connections, window)).leadsPerSecond;
      row.empty.push(await rate(empty.server.port));
      row.filled.push(await rate(filled.server.port));
    }
  }
  await empty.server.stop();
  await filled.server.stop();
  const millions = `${stored / 1_000_000} million stored`;
  console.log(
    table([
      ["Leadgate, Postgres, leads/s", "empty", millions],
      ...rows.map((row) => [
        `at ${row.connections} connections`,
        whole(median(row.empty)),
        whole(median(row.filled)),
      ]),
    ]),
  );
  console.log();
  console.log(
    table(
      rows.map((row) =>
        verdict({
          says: `${millions} to empty, leads/s at ${row.connections} connections`,
          figure: median(row.filled) / median(row.empty),
          atLeast: 0.9,
        }),
      ),
    ),
  );
}

async function leadgate(name: string, ground: Ground) {
  const url = await ground.createDatabase(name);
  const server = await startLeadgate({ databaseUrl: url }, ground.folder);
  await setUp(server);
  return { url, server };
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { leads: { type: "string" }, rounds: { type: "string", default: "3" } },
  });
  const window = { seconds: 4, warmUpSeconds: 1 };
  await onGround((ground) =>
    measureStored(
      ground,
      window,
      Number(values.rounds),
      values.leads === undefined ? STORED : Number(values.leads),
    ),
  );
}
