import { expect, test } from "bun:test";
import fc from "fast-check";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { aDocument, openLeadgate, testClock } from "../support/leadgate.ts";
import { journeys } from "./journeys.ts";

const TWINS = ["one", "other"] as const;

const setUp = fc.record({
  distribution: fc.constantFrom("priority", "weighted", "round_robin", "highest_bid"),
  action: fc.constantFrom("reject", "route_to_original"),
  count_unmatched: fc.boolean(),
  fields: fc.subarray(["phone", "email"]),
  contracts: fc.array(
    fc.record({
      cap: fc.option(fc.integer({ min: 0, max: 8 }), { nil: undefined }),
      buyerCap: fc.option(fc.integer({ min: 0, max: 150 }), { nil: undefined }),
      price: fc.integer({ min: 1, max: 30 }),
      weight: fc.integer({ min: 1, max: 9 }),
      priority: fc.integer({ min: 1, max: 3 }),
      states: fc.subarray(["TX", "OK"]),
      onceEach: fc.boolean(),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  supplierCap: fc.option(fc.integer({ min: 1, max: 15 }), { nil: undefined }),
});
type SetUp = typeof setUp extends fc.Arbitrary<infer T> ? T : never;

const people = Array.from({ length: 20 }, (_, person) => 5125550100 + person);
const lead = fc.record({
  phone: fc.constantFrom(...people.map(String), ...people.map((digits) => `+1 ${digits}`)),
  email: fc.constantFrom(...people.map((digits) => `${digits}@example.com`), "Same@example.com"),
  state: fc.constantFrom("TX", "OK", "ok", "NM"),
  key: fc.oneof(
    { arbitrary: fc.constant(undefined), weight: 8 },
    { arbitrary: fc.constantFrom("order-1", "order-2", "order-3"), weight: 2 },
  ),
});

/** Leads of few people, some of them sent several times. */
const manyLeads = fc
  .record({
    pool: fc.array(lead, { minLength: 4, maxLength: 25 }),
    order: fc.array(fc.nat(), { minLength: 10, maxLength: 40 }),
  })
  .map(({ pool, order }) => order.flatMap((index) => pool[index % pool.length] ?? []));

/** Two campaigns that are the same in everything but their names, each with buyers of its own. */
function twins(set: SetUp, run: number): ConfigurationDocument {
  const name = (twin: string, buyer: number) => `buyer-${run}-${twin}-${buyer}`;
  return {
    ...aDocument(),
    buyers: TWINS.flatMap((twin) =>
      set.contracts.map(({ buyerCap, onceEach }, index) => ({
        id: name(twin, index),
        ...(buyerCap !== undefined && { caps: { day: { amount: `${buyerCap}.00` } } }),
        ...(onceEach && { duplicates: { fields: ["phone"], window_days: 5 } }),
      })),
    ),
    campaigns: TWINS.map((twin) => ({
      id: `campaign-${run}-${twin}`,
      distribution: set.distribution,
      duplicates: { action: set.action, count_unmatched: set.count_unmatched, fields: set.fields },
      suppliers: [
        {
          supplier: "acme",
          ...(set.supplierCap !== undefined && { caps: { week: { leads: set.supplierCap } } }),
        },
      ],
      buyers: set.contracts.map(({ cap, price, weight, priority, states }, index) => ({
        buyer: name(twin, index),
        price: `${price}.00`,
        weight,
        priority,
        states,
        ...(cap !== undefined && { caps: { hour: { leads: cap } } }),
      })),
    })),
  };
}

journeys("batches", (journey) => {
  test("leads that are decided together end as they would have one after another, whatever the campaign and whoever they are", async () => {
    const { leadgate, database } = journey;
    const keys = new Map<string, string>();
    const acknowledged = leadgate.acknowledged;
    const servers = {
      one: openLeadgate(database, testClock(), keys, { maxBatch: 1 }, acknowledged),
      other: openLeadgate(database, testClock(), keys, { maxBatch: 256 }, acknowledged),
    };
    let run = 0;
    await fc.assert(
      fc.asyncProperty(setUp, manyLeads, async (set, leads) => {
        run += 1;
        await servers.one.configure(twins(set, run));
        const endings = async (twin: (typeof TWINS)[number]) => {
          const send = ({ key, ...fields }: (typeof leads)[number]) =>
            servers[twin].ingest(
              "acme",
              {
                flo_campaign_id: `campaign-${run}-${twin}`,
                flo_supplier_id: "acme",
                first_name: "Ada",
                last_name: "Lovelace",
                ...fields,
              },
              key === undefined ? {} : { "idempotency-key": `${run}-${twin}-${key}` },
            );
          // The first makes the server know the campaign: the others then queue in the order of sending.
          const first = leads.slice(0, 1).map(send);
          const replies = [...(await Promise.all(first)), ...(await Promise.all(leads.slice(1).map(send)))];
          return replies.map(({ status, headers, body }) => ({
            status,
            replayed: headers.get("idempotent-replayed"),
            ending: body.data?.status ?? body.error,
            buyer: body.data?.buyer_id?.replace(twin, "") ?? null,
            duplicate: body.data?.duplicate ?? false,
          }));
        };
        expect(await endings("other")).toEqual(await endings("one"));
      }),
      { numRuns: 30 },
    );
  });
});
