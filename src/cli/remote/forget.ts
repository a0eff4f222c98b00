import { JSON_OPTION } from "#cli/command/asking.ts";
import { type CommandContext, command } from "#cli/command/command.ts";
import { callServer, dataIn } from "#cli/command/remote.ts";
import { isMapping, type Mapping } from "#text/problem.ts";

/** How long to wait between looking how far it is, in ms. */
const LOOK_AGAIN_MS = 200;

/** Erases a person, and waits until that is done. */
export const forget = command({
  name: "forget",
  purpose: "erase all that tells who a person is, and report how much that was",
  example: "leadgate forget --phone +15125550147 --email ada@example.com --suppress-on do-not-call",
  options: {
    "--phone PHONE": "whoever has this phone",
    "--email EMAIL": "whoever has this e-mail",
    "--country COUNTRY": "by which a phone without country code is understood; US unless said otherwise",
    "--suppress-on LIST": "put the person on this suppression list first",
    "--no-wait": "do not wait until it is done",
    ...JSON_OPTION,
  },
  routes: ["POST /erasures", "GET /erasures/ERASURE"],
  forms: {
    async "--phone PHONE | --email EMAIL"({ phone, email, country, ...typed }, context) {
      const response = await callServer(context, {
        method: "POST",
        path: "/erasures",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ phone, email, country, suppress_on: typed["suppress-on"] }),
      });
      const ordered = await dataIn(response);
      const data = typed["no-wait"] ? ordered : await waitForErasure(ordered, context);
      if (typed.json) context.write(`${JSON.stringify({ data })}\n`);
      else context.write(typed["no-wait"] ? `${String(data.id)} is under way\n` : describeErasure(data));
    },
  },
});

/** The report of an order that is carried out; says on the way how far it is. */
async function waitForErasure(ordered: Mapping, context: CommandContext): Promise<Mapping> {
  let report = ordered;
  let leads = 0;
  while (report.state !== "done") {
    await Bun.sleep(LOOK_AGAIN_MS);
    report = await dataIn(
      await callServer(context, { method: "GET", path: `/erasures/${String(ordered.id)}` }),
    );
    const sofar = isMapping(report.erased) ? Number(report.erased.leads) : 0;
    if (sofar > leads) context.writeError(`${sofar} leads erased\n`);
    leads = sofar;
  }
  return report;
}

function describeErasure({ id, erased, cancelled_deliveries: cancelled }: Mapping): string {
  const counts = Object.entries(isMapping(erased) ? erased : {});
  const lines = [...counts, ["deliveries cancelled", cancelled] as const];
  return [
    `${String(id)} is done. Erased:`,
    ...lines.map(([name, count]) => `  ${name.replaceAll("_", " ")}: ${String(count)}`),
    "What buyers and webhooks have received, and backups, still tell of the person.",
    "",
  ].join("\n");
}
