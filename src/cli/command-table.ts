import { argumentError, noSuchSetting, unknownCommand, unknownWord } from "#cli/command/argument-errors.ts";
import { type Command, type CommandContext, command, WrongUse } from "#cli/command/command.ts";
import { completionScript, SHELLS } from "#cli/command/completion-text.ts";
import { helpOn, helpOnAll } from "#cli/command/help-text.ts";
import { idsOfKind } from "#cli/command/near-ids.ts";
import { backup } from "#cli/installation/backup.ts";
import { database } from "#cli/installation/database.ts";
import { doctor } from "#cli/installation/doctor.ts";
import { healthcheck } from "#cli/installation/healthcheck.ts";
import { init } from "#cli/installation/init.ts";
import { licenses } from "#cli/installation/licenses.ts";
import { migrateDatabase } from "#cli/installation/migrate-db.ts";
import { openapi } from "#cli/installation/openapi.ts";
import { restore } from "#cli/installation/restore.ts";
import { systemd } from "#cli/installation/systemd.ts";
import { version } from "#cli/installation/version.ts";
import { buyers } from "#cli/parts/buyers.ts";
import { campaigns } from "#cli/parts/campaigns.ts";
import { conversions } from "#cli/parts/conversions.ts";
import { scheduledReports } from "#cli/parts/scheduled-reports.ts";
import { suppliers } from "#cli/parts/suppliers.ts";
import { suppressionLists } from "#cli/parts/suppression-lists.ts";
import { webhooks } from "#cli/parts/webhooks.ts";
import { deliveries } from "#cli/records/deliveries.ts";
import { endpoints } from "#cli/records/endpoints.ts";
import { erasures } from "#cli/records/erasures.ts";
import { invoices } from "#cli/records/invoices.ts";
import { keys } from "#cli/records/keys.ts";
import { leads } from "#cli/records/leads.ts";
import { ledger } from "#cli/records/ledger.ts";
import { operatorKeys } from "#cli/records/operator-keys.ts";
import { people } from "#cli/records/people.ts";
import { postingUrls } from "#cli/records/posting-urls.ts";
import { returns } from "#cli/records/returns.ts";
import { servers } from "#cli/records/servers.ts";
import { simulations } from "#cli/records/simulations.ts";
import { usage } from "#cli/records/usage.ts";
import { apply } from "#cli/remote/apply.ts";
import { costs } from "#cli/remote/costs.ts";
import { exportConfiguration } from "#cli/remote/export.ts";
import { forget } from "#cli/remote/forget.ts";
import { history } from "#cli/remote/history.ts";
import { plan } from "#cli/remote/plan.ts";
import { report } from "#cli/remote/report.ts";
import { rollback } from "#cli/remote/rollback.ts";
import { simulate } from "#cli/remote/simulate.ts";
import { suppress } from "#cli/remote/suppress.ts";
import { tail } from "#cli/remote/tail.ts";
import { demo } from "#cli/serving/demo.ts";
import { serve } from "#cli/serving/serve.ts";
import { describeSetting, referenceOverview, settingPaths } from "#configuration/reference/reference-text.ts";
import { TOPICS, topicNamed } from "#manual/manual.ts";
import { terminalTextOf } from "#manual/markdown.ts";

const help = command({
  name: "help",
  purpose:
    "print this, how one command is used, a page of the manual, or what a setting of the document means",
  example: "leadgate help apply",
  options: {},
  forms: {
    async "config [SETTING]"({ SETTING: asked }, context) {
      const text = asked === undefined ? referenceOverview() : describeSetting(asked);
      if (text !== undefined) return context.write(text);
      context.writeError(noSuchSetting(String(asked), settingPaths()));
      return 2;
    },
    // Both, where a command and a page share a name.
    async "[COMMAND|TOPIC] [WORD]"({ "COMMAND|TOPIC": name, WORD: first }, context) {
      const named = COMMANDS.find((known) => known.name === name);
      const topic = name === undefined ? undefined : topicNamed(name);
      if (name !== undefined && named === undefined && topic === undefined) {
        const names = [...COMMANDS, ...TOPICS].map((known) => known.name);
        context.writeError(unknownCommand(name, names));
        return 2;
      }
      const mistake = named && first !== undefined ? unknownWord(named, [first]) : undefined;
      if (mistake !== undefined) {
        context.writeError(mistake);
        return 2;
      }
      const parts = [named && helpOn(named, first), topic && terminalTextOf(topic.text)];
      const wanted = parts.filter((part) => part !== undefined);
      context.write(wanted.length === 0 ? helpOnAll(COMMANDS) : wanted.join("\n\n"));
      return 0;
    },
  },
});

const completion = command({
  name: "completion",
  purpose: "print a script by which bash, zsh or fish completes commands, options and ids",
  example: "leadgate completion bash > /etc/bash_completion.d/leadgate",
  options: {},
  forms: {
    SHELL: Object.assign(writeScript, { does: "print the script" }),
    "ids KIND": Object.assign(writeIds, {
      does: "what the script asks: the ids of the parts of a kind, such as campaign; nothing without a server",
    }),
  },
});

async function writeScript({ SHELL }: { SHELL: string }, context: CommandContext): Promise<void> {
  const shell = SHELLS.find((each) => each === SHELL);
  if (shell === undefined) throw new WrongUse(`SHELL is ${SHELLS.join(", ")}.\n`);
  const topics = ["config", ...COMMANDS, ...TOPICS].map((each) =>
    typeof each === "string" ? each : each.name,
  );
  context.write(completionScript(shell, COMMANDS, topics));
}

async function writeIds({ KIND }: { KIND: string }, context: CommandContext): Promise<void> {
  context.write((await idsOfKind(KIND, context)).map((id) => `${id}\n`).join(""));
}

/** In the order in which help lists them. */
const COMMANDS: readonly Command[] = [
  serve,
  demo,
  init,
  plan,
  apply,
  exportConfiguration,
  history,
  rollback,
  campaigns,
  suppliers,
  buyers,
  webhooks,
  conversions,
  suppressionLists,
  suppress,
  keys,
  postingUrls,
  operatorKeys,
  people,
  leads,
  tail,
  simulate,
  simulations,
  usage,
  deliveries,
  endpoints,
  servers,
  returns,
  ledger,
  invoices,
  costs,
  report,
  scheduledReports,
  forget,
  erasures,
  backup,
  restore,
  migrateDatabase,
  database,
  doctor,
  systemd,
  openapi,
  healthcheck,
  licenses,
  version,
  completion,
  help,
];

export const COMMAND_NAMES: readonly string[] = COMMANDS.map(({ name }) => name);

/** The command of that name; `--help` and `--version` are commands too. */
export function commandNamed(name: string): Command | undefined {
  return COMMANDS.find(
    (command) => command.name === name.replace(/^--?/, "") || command.name === SHORT[name],
  );
}

const SHORT: Readonly<Record<string, string>> = { "-h": "help", "-v": "version" };

/** Runs what was typed after `leadgate` to an exit code. */
export async function runCommand(
  [name = "serve", ...words]: string[],
  context: CommandContext,
): Promise<number> {
  const named = commandNamed(name);
  if (named !== undefined && (words.includes("--help") || words.includes("-h"))) {
    context.write(helpOn(named, words[0]));
    return 0;
  }
  const mistake = named === undefined ? unknownCommand(name, COMMAND_NAMES) : argumentError(named, words);
  if (named !== undefined && mistake === undefined) return await named.run(words, context);
  context.writeError(mistake ?? "");
  return 2;
}
