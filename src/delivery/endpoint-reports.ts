import { readRecipient, readRecipientIds } from "#campaigns/recipient-records.ts";
import type { Queryable } from "#database/database.ts";
import type { Recipient } from "#endpoints/recipient.ts";
import { type Backlog, readWaiting } from "./outbox/waiting-records.ts";
import { readEndpoint, readEndpoints, type StoredEndpoint } from "./recipients/endpoint-records.ts";
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
  return recipients.map((recipient) => reportOf(recipient, endpoints.get(recipient), waiting.get(recipient)));
}

/** Of one; undefined when it is sent nothing. */
export async function readEndpointReport(
  db: Queryable,
  recipient: Recipient,
  now: Date,
): Promise<EndpointReport | undefined> {
  const [configured, endpoint, waiting] = await Promise.all([
    readRecipient(db, recipient),
    readEndpoint(db, recipient),
    readWaiting(db, now.toISOString(), recipient),
  ]);
  if (configured === undefined || configured.delivery === null) return undefined;
  return reportOf(recipient, endpoint, waiting.get(recipient));
}

function reportOf(
  recipient: Recipient,
  endpoint: StoredEndpoint | undefined,
  backlog: Backlog = { waiting: 0, oldestDueSeconds: 0 },
): EndpointReport {
  return { recipient, ...endpointStanding(endpoint), ...backlog };
}
