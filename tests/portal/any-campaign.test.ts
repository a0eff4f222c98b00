import { expect, test } from "bun:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import * as fc from "fast-check";
import type { CampaignEntry } from "#campaigns/document.ts";
import type { FieldDefinition } from "#fields/types/definition.ts";
import { operationOf, requestExample, schemaProblems } from "../api-docs/reading.ts";
import { onBothDatabases } from "../support/database.ts";
import { aDocument, openLeadgate } from "../support/leadgate.ts";

const DAY_MS = 86_400_000;
/** It compiles the specification's schema once. */
const validator = new Validator();

/** Two of a kind, the lesser first; each may be absent. */
function bounds<T>(kind: fc.Arbitrary<T>, order: (one: T, other: T) => number) {
  return fc
    .tuple(kind, kind, fc.boolean(), fc.boolean())
    .map(([one, other, hasMin, hasMax]): { min?: T; max?: T } => {
      const [least, most] = [one, other].toSorted(order);
      return { ...(hasMin && { min: least }), ...(hasMax && { max: most }) };
    });
}

const byNumber = (one: number, other: number) => one - other;
const byTime = (one: string, other: string) => Date.parse(one) - Date.parse(other);

const day = fc.integer({ min: -30_000, max: 40_000 }).map((days) => new Date(days * DAY_MS).toISOString());

const options: fc.Arbitrary<Partial<FieldDefinition> & Pick<FieldDefinition, "type">> = fc.oneof(
  bounds(fc.integer({ min: 1, max: 300 }), byNumber).map(({ min, max }) => ({
    type: "text" as const,
    ...(min !== undefined && { min_length: min }),
    ...(max !== undefined && { max_length: max }),
  })),
  bounds(fc.double({ min: -1e6, max: 1e6, noNaN: true }), byNumber).map((limits) => ({
    type: "number" as const,
    ...limits,
  })),
  bounds(fc.integer({ min: -1000, max: 1000 }), byNumber).map((limits) => ({
    type: "integer" as const,
    ...limits,
  })),
  bounds(
    day.map((time) => time.slice(0, 10)),
    byTime,
  ).map((limits) => ({ type: "date" as const, ...limits })),
  bounds(
    day.map((time) => `${time.slice(0, 19)}Z`),
    byTime,
  ).map((limits) => ({ type: "datetime" as const, ...limits })),
  fc
    .uniqueArray(fc.constantFrom("flat", "steep", "<b>", "Größe", "a & b", '"'), { minLength: 1 })
    .map((values) => ({ type: "enum" as const, values })),
  fc.constantFrom("boolean", "email", "phone", "state", "zip", "url").map((type) => ({ type })),
);

const described = fc.record(
  {
    required: fc.boolean(),
    required_for_ping: fc.boolean(),
    label: fc.constantFrom("Roof age", "Größe <in> cm", "1"),
    description: fc.constantFrom("As the owner says.", "`--> *x*"),
  },
  { requiredKeys: [] },
);

const OF_EVERY_CAMPAIGN: FieldDefinition[] = [
  { name: "first_name", type: "text" },
  { name: "phone", type: "phone" },
  { name: "email", type: "email" },
];

const campaign: fc.Arbitrary<Partial<CampaignEntry>> = fc.record({
  mode: fc.constantFrom("direct", "ping_post"),
  country: fc.constantFrom("US", "CA", "GB", "DE"),
  unknown_fields: fc.constantFrom("keep", "drop", "reject"),
  fields: fc
    .tuple(fc.array(fc.tuple(options, described), { maxLength: 8 }), fc.subarray(OF_EVERY_CAMPAIGN))
    .map(([all, forPing]) => [
      ...all.map(([option, say], index) => ({ name: `field_${index}`, ...option, ...say })),
      ...forPing.map((field) => ({ ...field, required_for_ping: true })),
    ]),
});

onBothDatabases("any campaign", (world) => {
  test("whatever a campaign asks for, its document is valid and its examples are accepted, after a ping if need be", async () => {
    const leadgate = openLeadgate(world.database);
    const send = (path: string, body: unknown) =>
      leadgate.call("POST", path, {
        headers: { "x-api-key": leadgate.keyOf("acme"), "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    await fc.assert(
      fc.asyncProperty(fc.array(campaign, { minLength: 5, maxLength: 5 }), async (campaigns) => {
        const [usual] = aDocument().campaigns ?? [];
        const entries = campaigns.map((each, index) => ({ ...usual, ...each, id: `campaign-${index}` }));
        await leadgate.configure({ ...aDocument(), campaigns: entries });
        for (const { id } of entries) {
          const key = { headers: { "x-api-key": leadgate.keyOf("acme") } };
          const { body: document } = await leadgate.call("GET", `/docs/campaigns/${id}/openapi.json`, key);
          expect(await validator.validate(structuredClone(document))).toEqual({ valid: true });
          const ping = async (): Promise<Record<string, string>> => {
            const asked = requestExample(operationOf(document, "pingLead").operation, "ping");
            expect(schemaProblems(document, document.components.schemas.Ping, asked)).toEqual([]);
            const { body } = await send("/api/v1/ping", asked);
            expect(body).toMatchObject({ accepted: true });
            return { flo_ping_id: body.ping_id };
          };
          const lead = requestExample(operationOf(document, "ingestLead").operation, "lead") as object;
          expect(schemaProblems(document, document.components.schemas.Lead, lead)).toEqual([]);
          const posted = "flo_ping_id" in lead ? { ...lead, ...(await ping()) } : lead;
          const { status, body } = await send("/api/v1/ingest?dry_run=true", posted);
          expect([status, body.field_errors ?? []]).toEqual([201, []]);
        }
      }),
      { numRuns: 8 },
    );
  }, 120_000);
});
