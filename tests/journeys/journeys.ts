import { afterEach, beforeEach, expect } from "bun:test";
import { onBothDatabases, type World } from "../support/database.ts";
import { type Expectation, violations } from "../support/invariants.ts";
import { aLead, type Leadgate, openLeadgate } from "../support/leadgate.ts";

/** Where a journey starts: a Leadgate on an empty database, at noon in New York. */
export interface Journey {
  readonly leadgate: Leadgate;
  readonly database: World["database"];
  /** What must be true of the database when the journey is over, beside what always must. */
  expected: Expectation;
}

/** Runs what `body` declares on both databases; after each test everything on record must fit together. */
export function journeys(title: string, body: (journey: Journey) => void): void {
  onBothDatabases(title, (world) => {
    let leadgate: Leadgate;
    const journey: Journey = {
      get leadgate() {
        return leadgate;
      },
      get database() {
        return world.database;
      },
      expected: {},
    };
    beforeEach(() => {
      leadgate = openLeadgate(world.database);
      journey.expected = { acknowledged: leadgate.acknowledged };
    });
    afterEach(async () => {
      expect(await violations(world.database, journey.expected)).toEqual([]);
    });
    body(journey);
  });
}

/** How a lead went: to whom, else its status, and why each buyer that it did not go to was passed over. */
export interface Course {
  to: string;
  passedOver: Record<string, unknown>;
}

/** Sends a lead of acme's and reads from its trace how it went. */
export async function sendLead(
  leadgate: Leadgate,
  over: Readonly<Record<string, unknown>> = {},
): Promise<Course> {
  const { body } = await leadgate.ingest("acme", aLead(over));
  if (body.data === undefined) return { to: body.error, passedOver: {} };
  const record = await leadgate.admin("GET", `/leads/${body.data.id}`);
  const line = record.body.data.trace.at(-1);
  const passedOver: Record<string, unknown> = {};
  for (const { buyer_id, chosen, ...why } of line.buyers ?? [])
    if (chosen !== true) passedOver[buyer_id] = why;
  return { to: body.data.buyer_id ?? body.data.status, passedOver };
}
