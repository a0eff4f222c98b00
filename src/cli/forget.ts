import { isMapping, type Mapping } from "#text/problem.ts";
import { type CommandContext, exitCodeOf, sorted, WrongUse } from "./command.ts";
import { call, dataOf } from "./server-call.ts";

const USE =
  "leadgate forget --phone PHONE | --email EMAIL [--country COUNTRY] [--suppress-on LIST] [--no-wait]";

/** How long to wait between looking how far it is, in ms. */
const LOOK_AGAIN_MS = 200;

/** `leadgate forget`: erases a person, and waits until that is done. */
export async function forget(args: string[], context: CommandContext): Promise<number> {
  return exitCodeOf(context, async () => {
    const { values, positionals } = sorted(args, USE, {
      phone: { type: "string" },
      email: { type: "string" },
      country: { type: "string" },
      "suppress-on": { type: "string" },
      "no-wait": { type: "boolean" },
    });
    const { phone, email, country, "suppress-on": suppressOn, "no-wait": noWait = false } = values;
    if (positionals.length > 0 || (phone === undefined && email === undefined)) throw new WrongUse(USE);
    const response = await call(context, {
      method: "POST",
      path: "/erasures",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ phone, email, country, suppress_on: suppressOn }),
    });
    const ordered = await dataOf(response);
    if (noWait) context.write(`${String(ordered.id)} is under way\n`);
    else context.write(inWords(await ended(ordered, context)));
  });
}

/** The report of an order that is carried out; says on the way how far it is. */
async function ended(ordered: Mapping, context: CommandContext): Promise<Mapping> {
  let report = ordered;
  let leads = 0;
  while (report.state !== "done") {
    await Bun.sleep(LOOK_AGAIN_MS);
    report = await dataOf(await call(context, { method: "GET", path: `/erasures/${String(ordered.id)}` }));
    const sofar = isMapping(report.erased) ? Number(report.erased.leads) : 0;
    if (sofar > leads) context.writeError(`${sofar} leads erased\n`);
    leads = sofar;
  }
  return report;
}

function inWords({ id, erased, cancelled_deliveries: cancelled }: Mapping): string {
  const counts = Object.entries(isMapping(erased) ? erased : {});
  const lines = [...counts, ["deliveries cancelled", cancelled] as const];
  return [
    `${String(id)} is done. Erased:`,
    ...lines.map(([name, count]) => `  ${name.replaceAll("_", " ")}: ${String(count)}`),
    "What buyers and webhooks have received, and backups, still tell of the person.",
    "",
  ].join("\n");
}
