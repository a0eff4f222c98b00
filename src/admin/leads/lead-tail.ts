import type { AdminParts } from "#admin/parts.ts";
import type { RequestContext } from "#http/context.ts";
import { anything, oneWordOf, querySetting, type SettingValues, yesOrNo } from "#http/query.ts";
import { type Route, refusedSince, route } from "#http/route.ts";
import { named, objectOf } from "#http/schema.ts";
import { streamReply } from "#http/stream.ts";
import { errorExample, refusalWords, reply } from "#http/words.ts";
import { readFieldsOf, readTracesOf } from "#leads/lead-fields-records.ts";
import type { RecordedLead } from "#leads/lead-records.ts";
import { LEAD_STATUSES } from "#leads/status.ts";
import { type TailFilter, tailLeads } from "#leads/tail.ts";
import type { BuyerLine, TraceLine } from "#leads/trace.ts";
import { uuidOfLead } from "#text/ids.ts";
import { BUYERS_OF_TRACE, LEAD_ROW, leadRow } from "./lead-row.ts";

/** How many may follow leads at once on one server: each looks at the database by itself. */
const MOST_FOLLOWERS = 20;
/** An empty line says that the connection lives, so often while there is nothing to tell, in ms: proxies cut what is silent. */
const QUIET_FOR_MS = 15_000;

const SETTINGS = {
  campaign: anything("Of this campaign alone"),
  supplier: anything("Of this supplier alone"),
  buyer: anything("Sold to this buyer alone"),
  status: oneWordOf([...LEAD_STATUSES, "HELD"], "That ended so"),
  after: querySetting("The id of the last lead that was seen", "a lead's id", uuidOfLead),
  fields: {
    ...yesOrNo("With what was understood of the person"),
    schema: { type: "boolean", default: false },
  },
};

/** `GET /admin/leads/tail`: a line of JSON for each lead, as it is decided, for as long as somebody listens. */
export function tailRoute(parts: AdminParts): Route {
  const tail = tailing(parts);
  return route({
    method: "get",
    path: "/api/v1/admin/leads/tail",
    who: parts.operators.read,
    query: SETTINGS,
    answer: ({ context, query }) => tail(context, query),
    words: {
      operation: "tailLeads",
      section: "Operators",
      summary: "Leads as they are decided",
      description: `A line of JSON (\`application/x-ndjson\`) for each lead that any server commits, once it is known
how it ended: each once, those of a campaign in the order in which they were decided. The first line is empty: what is
decided after it is told. So are lines now and then while there is nothing to tell. The answer goes on until the caller
leaves, may look no more or the server stops; whoever calls again with \`after\` is told the seconds before that lead once more. One
that no buyer took has \`buyers\`: why each was passed over.`,
      replies: {
        200: reply("Leads, a line each.", TAILED_LEAD),
        429: {
          ...refusalWords("As many follow the leads of this server as may."),
          examples: {
            followed: {
              summary: "20 follow already",
              value: errorExample("rate_limited", TOO_MANY, { retry_after: 10 }),
            },
          },
        },
      },
    },
  });
}

const TAILED_LEAD = named(
  "TailedLead",
  objectOf(LEAD_ROW, {
    buyers: { ...BUYERS_OF_TRACE, description: "Of a lead that no buyer took: why each was passed over." },
    fields: { type: "object", description: "As understood; where they were asked for." },
  }),
);

const TOO_MANY = `${MOST_FOLLOWERS} follow the leads of this server already, which is as many as may.`;

interface Followed {
  filter: TailFilter;
  after: string | null;
  withFields: boolean;
  /** Asked before anything is told: the key may have been revoked since, or the session ended. */
  mayLook(): Promise<boolean>;
}

function tailing({ database, operators, stopping }: AdminParts) {
  let followers = 0;

  async function* lines(
    { filter, after, withFields, mayLook }: Followed,
    over: AbortSignal,
  ): AsyncGenerator<string> {
    followers += 1;
    try {
      let toldAt = Number.NEGATIVE_INFINITY;
      for await (const leads of tailLeads(database, filter, after, over)) {
        const isQuiet = leads.length === 0;
        if (isQuiet && performance.now() - toldAt < QUIET_FOR_MS) continue;
        if (!(await mayLook())) return;
        toldAt = performance.now();
        yield isQuiet ? "\n" : (await shown(leads, withFields)).join("");
      }
    } finally {
      followers -= 1;
    }
  }

  async function shown(leads: readonly RecordedLead[], withFields: boolean): Promise<string[]> {
    const ids = leads.map(({ id }) => id);
    const unmatched = leads.filter(({ status }) => status === "UNMATCHED").map(({ id }) => id);
    const [fields, traces] = await database.read((db) =>
      Promise.all([
        withFields ? readFieldsOf(db, ids) : undefined,
        unmatched.length === 0 ? undefined : readTracesOf(db, unmatched),
      ]),
    );
    return leads.map((lead) => {
      const trace = traces?.get(lead.id);
      const whyNobody = trace && { buyers: buyersIn(trace) };
      const ofPerson = withFields && { fields: fields?.get(lead.id) ?? {} };
      return `${JSON.stringify({ ...leadRow(lead), ...whyNobody, ...ofPerson })}\n`;
    });
  }

  /** As it was decided last. */
  function buyersIn(trace: readonly TraceLine[]): readonly BuyerLine[] {
    return trace.flatMap((line) => (line.check === "buyers" ? [line.buyers] : [])).at(-1) ?? [];
  }

  return (context: RequestContext, asked: SettingValues<typeof SETTINGS>): Response => {
    if (followers >= MOST_FOLLOWERS) return context.refuse("rate_limited", TOO_MANY, { retry_after: 10 });
    const { campaign, supplier, buyer, status, after, fields } = asked;
    const followed = {
      filter: { campaign, supplier, buyer, status },
      after,
      withFields: fields === true,
      mayLook: async () => (await refusedSince(operators.read, context)) === undefined,
    };
    return streamReply(context, {
      texts: (over) => lines(followed, over),
      stopping,
      whenStopped: "end",
      headers: { "content-type": "application/x-ndjson; charset=utf-8" },
    });
  };
}
