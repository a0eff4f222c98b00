import { asks, JSON_OPTION } from "#cli/command/asking.ts";
import { CommandFailure, command } from "#cli/command/command.ts";
import { fileBody } from "#cli/command/file-body.ts";
import { leadWithTrace } from "./lead-text.ts";

/** What would become of a lead. Campaign and supplier are those that it names, unless they are typed. */
export const simulate = command({
  name: "simulate",
  purpose: "say what would become of a lead, with every buyer; nothing is recorded",
  example: "leadgate simulate lead.json --campaign solar --supplier acme-media",
  options: {
    "--campaign ID": "the campaign; unless the lead says flo_campaign_id",
    "--supplier ID": "the supplier; unless the lead says flo_supplier_id",
    "--at TIME": "as if it came then, such as 2030-01-31T18:00:00Z; otherwise now",
    ...JSON_OPTION,
  },
  forms: {
    "FILE [--campaign ID] [--supplier ID] [--at TIME]": asks("POST /simulate", "", leadWithTrace, {
      async sent(typed, context) {
        const lead = await fileBody(typed, context);
        const campaign = typed.campaign ?? lead.flo_campaign_id;
        const supplier = typed.supplier ?? lead.flo_supplier_id;
        if (campaign === undefined || supplier === undefined) {
          throw new CommandFailure(
            "Say for which campaign and from which supplier it comes: by --campaign and --supplier, or in the lead.",
          );
        }
        return { lead, campaign, supplier, ...(typed.at !== undefined && { at: typed.at }) };
      },
    }),
  },
});
