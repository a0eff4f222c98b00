// What watching costs a lead: every event of its way through the server, in ns, with batches of 1 and of 64.
import { createMetrics } from "#telemetry/metrics.ts";
import { openRequests } from "#telemetry/requests.ts";

const LEADS = 1_000_000;
const clock = { now: () => new Date(), elapsedMs: () => performance.now(), after: () => () => {} };

for (const size of [1, 64]) {
  const { observer } = createMetrics({ version: "bench", database: "postgres", clock });
  const follow = openRequests(observer, clock, undefined);
  const leads = Array.from({ length: size }, () => ({ since: clock.elapsedMs() }));
  const onRecord = leads.map(() => ({ status: "ACCEPTED" as const, isTest: false, prior: null }));
  const arrivals = leads.map(() => new Request("http://localhost/api/v1/ingest", { method: "POST" }));
  const round = () => {
    const followed = arrivals.map(follow);
    observer.databaseWritten("committed", 3);
    observer.batchCommitted({ campaignId: "solar", leads, endedAt: clock.elapsedMs(), onRecord });
    for (const request of followed) request.answered("/api/v1/ingest", 201);
  };
  for (let warm = 0; warm < 20_000; warm += size) round();
  const began = performance.now();
  for (let done = 0; done < LEADS; done += size) round();
  const ns = ((performance.now() - began) * 1e6) / LEADS;
  console.log(`batches of ${String(size).padStart(2)}: ${ns.toFixed(0)} ns a lead`);
}
