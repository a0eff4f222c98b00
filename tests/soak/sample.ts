import { readdir } from "node:fs/promises";
import { sql } from "drizzle-orm";
import type { Database } from "#database/database.ts";
import { rowsOf } from "../proof/claims.ts";

/** How a server and its database were at one moment, and the answers since the one before. */
export interface Sample {
  /** Since the beginning. */
  readonly minutes: number;
  readonly leads: number;
  readonly rssMib: number;
  readonly descriptors: number;
  /** Deliveries that are due and not made, and for how long the first of them has been due. */
  readonly due: number;
  readonly lagSeconds: number;
  readonly tablesMib: number;
  readonly indexesMib: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** What only the operating system knows of a process. */
export async function readProcess(pid: number): Promise<Pick<Sample, "rssMib" | "descriptors">> {
  const status = await Bun.file(`/proc/${pid}/status`).text();
  const kib = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0);
  return { rssMib: Math.round(kib / 1024), descriptors: (await readdir(`/proc/${pid}/fd`)).length };
}

type Stored = Pick<Sample, "leads" | "due" | "lagSeconds" | "tablesMib" | "indexesMib">;

export async function readStored(database: Database): Promise<Stored> {
  const [row] = await rowsOf<Stored>(
    database,
    sql`select (select count(*)::int from leads) as leads, due, lag as "lagSeconds",
      (select round(sum(pg_table_size(oid)) / 1048576.0, 1)::float8 from pg_class
        where relkind = 'r' and relnamespace in ('public'::regnamespace, 'months'::regnamespace)) as "tablesMib",
      (select round(sum(pg_indexes_size(oid)) / 1048576.0, 1)::float8 from pg_class
        where relkind = 'r' and relnamespace in ('public'::regnamespace, 'months'::regnamespace)) as "indexesMib"
      from (select count(*)::int as due, coalesce(round(extract(epoch from now() - min(next_at))), 0)::int as lag
        from deliveries where state = 'pending' and next_at < now()) as waiting`,
  );
  if (row === undefined) throw new Error("a count of nothing is nothing");
  return row;
}

/** Of so many answers the one that this share of them was as fast as, in ms. */
export function percentile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((one, other) => one - other);
  return Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 10) / 10;
}
