import { readRecipientIds } from "#campaigns/recipient-records.ts";
import type { Queryable } from "#database/database.ts";
import type { Recipient } from "#endpoints/recipient.ts";
import { type Backlog, readWaiting } from "./outbox/waiting-records.ts";
import { readEndpoints } from "./recipients/endpoint-records.ts";
import { type EndpointStanding, endpointStanding } from "./recipients/endpoint-report.ts";

/** How a recipient's endpoint stands, and what waits for it. */
export interface EndpointReport extends EndpointStanding, Backlog {
  recipient: Recipient;
}

/** Of all who are configured to be sent deliveries, in the order of their names. */
export async function readEndpointReports(db: Queryable, now: Date): Promise<EndpointReport[]> {
  const [recipients, endpoints, waiting] = await Promise.all([
    readRecipientIds(db),
    readEndpoints(db),
    readWaiting(db, now.toISOString()),
  ]);
  return recipients.map((recipient) => ({
    recipient,
    ...endpointStanding(endpoints.get(recipient)),
    ...(waiting.get(recipient) ?? { waiting: 0, oldestDueSeconds: 0 }),
  }));
}
