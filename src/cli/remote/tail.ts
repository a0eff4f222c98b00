import { type CommandContext, CommandFailure, command } from "#cli/command/command.ts";
import { requireParts } from "#cli/command/near-ids.ts";
import { callServer, ServerAway } from "#cli/command/remote.ts";
import { whyNobody } from "#cli/records/lead-text.ts";
import { isMapping, type Mapping } from "#text/problem.ts";

/** How long until a server that went away is looked for again, in ms. */
const TRY_AGAIN_MS = 1_000;
/** Leads that are remembered as shown: more than any overlap after a new connection can bring again. */
const MOST_SHOWN = 200_000;

/** A line for each lead as it is decided, on any server, until Ctrl-C. Nothing of the person is shown without `--fields`. */
export const tail = command({
  name: "tail",
  purpose: "follow leads as they are decided, on all servers, until Ctrl-C",
  example: "leadgate tail --status ACCEPTED",
  options: {
    "--campaign ID": "of this campaign alone",
    "--supplier ID": "of this supplier alone",
    "--buyer ID": "sold to this buyer alone",
    "--status STATUS": "ACCEPTED, UNMATCHED, DUPLICATE or REJECTED alone",
    "--fields": "with what was sent of the person",
    "--json": "as lines of JSON",
  },
  routes: ["GET /leads/tail"],
  forms: {
    async ""(typed, context) {
      const { campaign, supplier, buyer } = typed;
      await requireParts({ campaign, supplier, buyer }, context);
      await showLeads(typed, context, context.interruption());
    },
  },
});

interface Shown {
  campaign: string | undefined;
  supplier: string | undefined;
  buyer: string | undefined;
  status: string | undefined;
  fields: boolean;
  json: boolean;
}

/** A connection that is lost is made again, and what came meanwhile is shown; only a first one that fails ends the command. */
async function showLeads(
  { fields, json, ...filter }: Shown,
  context: CommandContext,
  interrupted: AbortSignal,
): Promise<void> {
  const query = new URLSearchParams({ fields: String(fields) });
  for (const [name, value] of Object.entries(filter)) if (value !== undefined) query.set(name, value);
  const shown = new Set<string>();
  let wasThere = false;
  while (!interrupted.aborted) {
    try {
      await follow(query, context, interrupted, (line) => {
        wasThere = true;
        if (line === "") return;
        const lead = leadIn(line);
        const id = String(lead.id);
        query.set("after", latest(query.get("after"), id));
        if (shown.has(id)) return;
        shown.add(id);
        if (shown.size > MOST_SHOWN) shown.delete(shown.values().next().value ?? "");
        context.write(`${json ? line : describeLead(lead)}\n`);
      });
    } catch (error) {
      if (!wasThere || !(error instanceof ServerAway)) throw error;
    }
    if (interrupted.aborted) return;
    context.writeError("The connection is lost; it is tried again until you press Ctrl-C.\n");
    await pause(interrupted);
  }
}

/** Reads lines until the connection ends. Throws ServerAway when it cannot be made. */
async function follow(
  query: URLSearchParams,
  context: CommandContext,
  interrupted: AbortSignal,
  hear: (line: string) => void,
): Promise<void> {
  const response = await callServer(context, {
    method: "GET",
    path: `/leads/tail?${query}`,
    signal: interrupted,
  });
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for await (const chunk of response.body ?? []) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) hear(line);
    }
  } catch (error) {
    // A connection may end in any way.
    if (error instanceof CommandFailure) throw error;
  }
}

function leadIn(line: string): Mapping {
  const lead: unknown = JSON.parse(line);
  if (!isMapping(lead))
    throw new CommandFailure("The server answered something that this version does not understand.");
  return lead;
}

/** Ids are in the order of their time. */
function latest(known: string | null, id: string): string {
  return known === null || id > known ? id : known;
}

function describeLead(lead: Mapping): string {
  const {
    decided_at,
    id,
    campaign_id,
    supplier_id,
    status,
    reason,
    buyers,
    buyer_id,
    price,
    currency,
    is_test,
    fields,
  } = lead;
  const cells = [
    decided_at,
    id,
    campaign_id,
    supplier_id,
    String(status).padEnd(9),
    reason,
    buyers === undefined ? null : `(${whyNobody(buyers)})`,
    buyer_id,
    typeof price === "string" && typeof currency === "string" ? `${price} ${currency}` : null,
    is_test === true ? "test" : null,
    fields === undefined ? null : JSON.stringify(fields),
  ];
  return cells
    .filter((cell) => cell !== null)
    .map(String)
    .join("  ")
    .trimEnd();
}

function pause(interrupted: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, TRY_AGAIN_MS);
  interrupted.addEventListener(
    "abort",
    () => {
      clearTimeout(timer);
      resolve();
    },
    { once: true },
  );
  return promise;
}
