import { JSON_OPTION } from "#cli/command/asking.ts";
import { type CommandContext, CommandFailure, command, fileText, WrongUse } from "#cli/command/command.ts";
import { callServer, dataIn } from "#cli/command/remote.ts";
import { isWholeNumber } from "#text/whole-number.ts";
import {
  describeApplied,
  describePlan,
  jsonOf,
  mediaTypeFor,
  type Planned,
  requestPlan,
  warningsFrom,
} from "./plan-output.ts";

/**
 * Puts a file in force. Leaving a part out of the file removes it, and a file from before somebody paused or archived a part sets it going
 * again: each is easily done by mistake, so it needs `--yes`. What is applied is what was looked at: a change by somebody else in between
 * stops it.
 */
export const apply = command({
  name: "apply",
  purpose: "bring a configuration into force, all or nothing",
  example: "leadgate apply leads.yaml --if-revision 12",
  options: {
    "--if-revision N": "only when N is the revision in force",
    "--yes": "also when it removes what the file leaves out, or sets going what is paused or archived",
    "--strict": "not when there are warnings",
    ...JSON_OPTION,
  },
  routes: ["POST /config/plan", "PUT /config"],
  forms: {
    async FILE({ FILE, yes, strict, json, "if-revision": revision }, context) {
      if (revision !== undefined && !isWholeNumber(revision))
        throw new WrongUse(`--if-revision takes the number of a revision, such as 12, not ${revision}.\n`);
      const document = { file: FILE, text: await fileText(FILE, context) };
      const planned = await requestPlan(document, context);
      const doubt = (yes ? undefined : doubtOf(planned)) ?? (strict ? strictDoubtOf(planned) : undefined);
      if (doubt !== undefined) return refuse(planned, doubt, json, context);
      const response = await callServer(context, {
        method: "PUT",
        path: "/config",
        headers: {
          "content-type": mediaTypeFor(document),
          "if-match": `"${Number(revision ?? planned.revision)}"`,
        },
        body: document.text,
        file: document.file,
      });
      const data = await dataIn(response);
      context.write(json ? jsonOf(data) : describeApplied(data, context));
    },
  },
});

function refuse({ data }: Planned, doubt: string, json: boolean, context: CommandContext): never {
  context.write(json ? jsonOf(data) : describePlan(data, context));
  throw new CommandFailure(`Nothing was applied, because ${doubt}`);
}

function strictDoubtOf({ data }: Planned): string | undefined {
  return warningsFrom(data.warnings).length > 0
    ? "there are warnings, which --strict does not let pass."
    : undefined;
}

/** What may be done by mistake. */
function doubtOf({ changes }: Planned): string | undefined {
  const removed = changes.filter(({ action }) => action === "archived" || action === "deleted");
  const keyless = removed.filter(({ kind, action }) => kind === "supplier" && action === "deleted");
  const woken = changes.filter(({ differences }) => differences.some(goesOnFrom("paused")));
  const back = changes.filter(
    ({ action, differences }) => action === "restored" || differences.some(goesOnFrom("archived")),
  );
  const doubts = [
    ...(removed.length > 0 ? ["this removes what the file leaves out"] : []),
    ...(keyless.length > 0 ? [`this ends the keys of ${keyless.map(({ id }) => id).join(", ")}`] : []),
    ...(woken.length > 0 ? [`this sets going what is paused: ${woken.map(({ id }) => id).join(", ")}`] : []),
    ...(back.length > 0 ? [`this brings back what is archived: ${back.map(({ id }) => id).join(", ")}`] : []),
  ];
  return doubts.length === 0 ? undefined : `${doubts.join(", and ")}. Add --yes to do so.`;
}

function goesOnFrom(stopped: "paused" | "archived") {
  return ({ path, from, to }: Readonly<Record<string, unknown>>): boolean =>
    /(^|\.)status$/.test(String(path)) && from === stopped && to === "active";
}
