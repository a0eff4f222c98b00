import { JSON_OPTION } from "#cli/command/asking.ts";
import { CommandFailure, command, fileText, WrongUse } from "#cli/command/command.ts";
import { describeSimulation } from "#cli/records/simulation-text.ts";
import { HOUR_MS } from "#time/durations.ts";
import { describePlan, jsonOf, requestPlan, warningsFrom } from "./plan-output.ts";
import { simulateDocument } from "./simulation.ts";

/** With `--exit-code`, when something would change. */
const CHANGES = 3;

/** What applying a file would change, and what in it is surely not meant. */
export const plan = command({
  name: "plan",
  purpose: "say what a configuration would change, and what is surely not meant; change nothing",
  example: "leadgate plan leads.yaml --strict",
  options: {
    "--strict": "exit with 1 when there are warnings",
    "--exit-code": "exit with 3 when something would change",
    "--simulate TIME": "say too what it would have made of the leads of so long, such as 7d or 12h",
    ...JSON_OPTION,
  },
  routes: ["POST /config/plan", "POST /simulations", "GET /simulations/SIMULATION"],
  forms: {
    async FILE({ FILE, strict, "exit-code": tells, json, simulate }, context) {
      const since = simulate === undefined ? undefined : beginOf(simulate);
      const document = { file: FILE, text: await fileText(FILE, context) };
      const { data, changes } = await requestPlan(document, context);
      if (!json) context.write(describePlan(data, context));
      const simulation =
        since === undefined ? undefined : await simulateDocument(document, { since }, context);
      if (json) context.write(jsonOf(simulation === undefined ? data : { ...data, simulation }));
      else if (simulation !== undefined) context.write(`\n${describeSimulation(simulation, context)}`);
      if (strict && warningsFrom(data.warnings).length > 0) {
        throw new CommandFailure("There are warnings, which --strict does not let pass.");
      }
      return tells && changes.length > 0 ? CHANGES : 0;
    },
  },
});

/** When the time of so long began, in RFC 3339. */
function beginOf(simulated: string): string {
  const [, count, unit] = /^([1-9]\d{0,3})([dh])$/.exec(simulated) ?? [];
  if (count === undefined)
    throw new WrongUse(`--simulate takes days or hours, such as 7d or 12h, not ${simulated}.\n`);
  const hours = Number(count) * (unit === "d" ? 24 : 1);
  return new Date(Date.now() - hours * HOUR_MS).toISOString();
}
