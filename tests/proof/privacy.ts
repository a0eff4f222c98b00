import { sql } from "drizzle-orm";
import type { Database } from "#database/database.ts";
import { uuidOfErasure } from "#text/ids.ts";
import { OPERATOR_KEY } from "../support/leadgate.ts";
import { givenAway } from "../support/people.ts";
import type { LeadgateProcess } from "../support/process.ts";
import { rowsOf } from "./claims.ts";

/** Where traces are sent, as a collector of OpenTelemetry would be. */
export interface Collector extends AsyncDisposable {
  readonly url: string;
  readonly figures: { spans: number; givenAway: number };
}

export function startCollector(): Collector {
  const figures = { spans: 0, givenAway: 0 };
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const text = await request.text();
      figures.spans += text.split('"spanId"').length - 1;
      figures.givenAway += givenAway(text).length;
      return Response.json({});
    },
  });
  return {
    url: server.url.href.replace(/\/$/, ""),
    figures,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

/** Servers whose metrics tell who a person is. */
export async function metricsGivingAway(servers: readonly LeadgateProcess[]): Promise<string[]> {
  const told = servers.map(async ({ url }) => {
    const headers = { authorization: `Bearer ${OPERATOR_KEY}` };
    const text = await fetch(`${url}/metrics`, { headers, keepalive: false }).then(
      (response) => response.text(),
      () => "",
    );
    return givenAway(text).map(() => "metrics tell who a person is");
  });
  return (await Promise.all(told)).flat();
}

/** What of the history tells who a person is. */
export async function historyGivingAway(database: Database): Promise<string[]> {
  const rows = await rowsOf<{ line: string }>(
    database,
    sql`select row_to_json(h)::text as line from history h`,
  );
  return rows.filter(({ line }) => givenAway(line).length > 0).map(() => "the history tells who a person is");
}

/** People who are forgotten for good, by the orders that operators were told of, and still on record. */
export async function peopleRemembered(
  database: Database,
  forgotten: ReadonlyMap<string, string>,
): Promise<string[]> {
  const orders = [...forgotten].map(([id, phone]) => ({ id: uuidOfErasure(id), phone: `+1${phone}` }));
  const rows = await rowsOf<{ id: string }>(
    database,
    sql`select sought.id::text as id from json_to_recordset(${JSON.stringify(orders)}::text::json) as sought (id uuid, phone text)
      left join erasures on erasures.id = sought.id
      where erasures.id is null or (erasures.state = 'done'
        and exists (select from leads where leads.fields ->> 'phone' = sought.phone and leads.decided_at < erasures.finished_at))`,
  );
  return rows.map(({ id }) => `${id}: a person who was to be forgotten is not`);
}
