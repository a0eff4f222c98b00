import { readSettings } from "#http/query.ts";
import { errorReply, requestIdOf } from "#http/reply.ts";
import { streamReply } from "#http/stream.ts";
import { readFieldsOf } from "#leads/lead-fields-records.ts";
import type { RecordedLead } from "#leads/lead-records.ts";
import { LEAD_STATUSES } from "#leads/status.ts";
import { type TailFilter, tailLeads } from "#leads/tail.ts";
import { uuidOfLead } from "#text/ids.ts";
import { leadRow } from "./lead-row.ts";
import type { AdminContext } from "./operator.ts";

/** How many may follow leads at once on one server: each looks at the database by itself. */
const MOST_FOLLOWERS = 20;
/** An empty line says that the connection lives, this often while there is nothing to tell, in ms; proxies cut what is silent for longer. */
const QUIET_FOR_MS = 15_000;

/** `GET /admin/leads/tail`: a line of JSON for each lead, as it is decided, for as long as somebody listens. */
export function tailing({ database, stopping }: AdminContext): (request: Request) => Response {
  let followers = 0;

  async function* lines(
    filter: TailFilter,
    after: string | null,
    withFields: boolean,
    over: AbortSignal,
  ): AsyncGenerator<string> {
    followers += 1;
    try {
      let toldAt = Number.NEGATIVE_INFINITY;
      for await (const leads of tailLeads(database, filter, after, over)) {
        const isQuiet = leads.length === 0;
        if (isQuiet && performance.now() - toldAt < QUIET_FOR_MS) continue;
        toldAt = performance.now();
        yield isQuiet ? "\n" : (await shown(leads, withFields)).join("");
      }
    } finally {
      followers -= 1;
    }
  }

  async function shown(leads: readonly RecordedLead[], withFields: boolean): Promise<string[]> {
    const ids = leads.map(({ id }) => id);
    const fields = withFields ? await database.read((db) => readFieldsOf(db, ids)) : undefined;
    return leads.map((lead) => {
      const ofPerson = withFields && { fields: fields?.get(lead.id) ?? {} };
      return `${JSON.stringify({ ...leadRow(lead), ...ofPerson })}\n`;
    });
  }

  return (request) => {
    const requestId = requestIdOf(request);
    const query = readSettings(request.url, ["campaign", "status", "after", "fields"]);
    const filter = { campaign: query.text("campaign"), status: query.oneOf("status", LEAD_STATUSES) };
    const after = query.parsed("after", uuidOfLead, "a lead's id");
    const withFields = query.oneOf("fields", ["true", "false"]) === "true";
    if (query.errors.length > 0) {
      const details = { field_errors: query.errors };
      return errorReply("validation_failed", "The query is not valid.", requestId, details);
    }
    if (followers >= MOST_FOLLOWERS) {
      const message = `${MOST_FOLLOWERS} follow the leads of this server already, which is as many as may.`;
      return errorReply("rate_limited", message, requestId, { retry_after: 10 });
    }
    return streamReply(request, {
      texts: (over) => lines(filter, after, withFields, over),
      stopping,
      whenStopped: "end",
      headers: { "content-type": "application/x-ndjson; charset=utf-8", "cache-control": "no-store" },
    });
  };
}
