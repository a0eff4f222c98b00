import { asks, JSON_OPTION } from "#cli/command/asking.ts";
import { type CommandContext, CommandFailure, command, fileText } from "#cli/command/command.ts";
import { fileBody } from "#cli/command/file-body.ts";
import { leadWithTrace } from "#cli/records/lead-text.ts";
import { describeSimulation } from "#cli/records/simulation-text.ts";
import { isMapping, type Mapping } from "#text/problem.ts";
import { simulateDocument } from "./simulation.ts";

interface Past {
  FILE: string;
  since: string | undefined;
  until: string | undefined;
  campaign: string | undefined;
  json: boolean;
}

async function simulatePast({ FILE, since = "", until, campaign, json }: Past, context: CommandContext) {
  const document = { file: FILE, text: await fileText(FILE, context) };
  const campaigns = campaign?.split(",");
  const data = await simulateDocument(document, { since, until, campaigns }, context);
  context.write(json ? `${JSON.stringify({ data })}\n` : describeSimulation(data, context));
}

/** A file is the lead, or what the API is asked: the lead with its campaign and supplier beside it. */
function askedIn(body: Mapping): { lead: Mapping; campaign?: unknown; supplier?: unknown; at?: unknown } {
  const { lead, campaign, supplier, at, ...others } = body;
  return isMapping(lead) && Object.keys(others).length === 0
    ? { lead, campaign, supplier, at }
    : { lead: body };
}

/** What would become of a lead, or of past ones. Campaign and supplier of a lead are those that it names, unless they are typed. */
export const simulate = command({
  name: "simulate",
  purpose:
    "say what would become of a lead, or what a document would have made of past ones; nothing is recorded",
  example: "leadgate simulate lead.json --campaign solar --supplier acme-media",
  options: {
    "--campaign ID":
      "the campaign; unless the lead says flo_campaign_id. Of past leads: these alone, with commas between",
    "--supplier ID": "the supplier; unless the lead says flo_supplier_id",
    "--at TIME": "as if it came then, such as 2030-01-31T18:00:00Z; otherwise now",
    "--since DAY": "try a document on the leads from this day or time on",
    "--until DAY": "up to the end of this day, or this time; otherwise now",
    ...JSON_OPTION,
  },
  routes: ["POST /simulations", "GET /simulations/SIMULATION", "POST /simulations/SIMULATION/stop"],
  forms: {
    "FILE [--campaign ID] [--supplier ID] [--at TIME]": asks(
      "POST /simulate",
      "what would become of a lead",
      leadWithTrace,
      {
        async sent(typed, context) {
          const { lead, ...said } = askedIn(await fileBody(typed, context));
          const campaign = typed.campaign ?? said.campaign ?? lead.flo_campaign_id;
          const supplier = typed.supplier ?? said.supplier ?? lead.flo_supplier_id;
          const at = typed.at ?? said.at;
          if (campaign === undefined || supplier === undefined) {
            throw new CommandFailure(
              "Say for which campaign and from which supplier it comes: by --campaign and --supplier, or in the lead.",
            );
          }
          return { lead, campaign, supplier, ...(at !== undefined && { at }) };
        },
      },
    ),
    "FILE --since DAY [--until DAY] [--campaign ID]": Object.assign(simulatePast, {
      does: "what a document would have made of past leads",
    }),
  },
});
