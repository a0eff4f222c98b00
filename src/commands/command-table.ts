import { readFile, writeFile } from "node:fs/promises";
import { SETTINGS, type Settings } from "#config.ts";
import { adminKeyInDataDir } from "#secrets.ts";
import { apply } from "./apply.ts";
import type { CommandContext } from "./command.ts";
import { demo } from "./demo.ts";
import { exportConfiguration } from "./export.ts";
import { healthcheck } from "./healthcheck.ts";
import { keys } from "./keys.ts";
import { openapi } from "./openapi.ts";
import { plan } from "./plan.ts";
import { serve } from "./serve.ts";
import { version } from "./version.ts";

export interface Command {
  name: string;
  /** How it is typed, after `leadgate`. */
  usage: string;
  purpose: string;
  /** Runs to an exit code. Settings are read only by commands that need them: `version` works in any environment. */
  run(args: string[], settings: () => Settings): Promise<number>;
}

const COMMANDS: readonly Command[] = [
  {
    name: "serve",
    usage: "serve",
    purpose: "start the server (what plain `leadgate` does)",
    run: (_, settings) => serve(settings()),
  },
  {
    name: "demo",
    usage: "demo",
    purpose: "start it on an empty database with a small demo set-up",
    run: (_, settings) => demo(settings()),
  },
  talking("plan", "plan leads.yaml", "say what a configuration would change; change nothing", plan),
  talking("apply", "apply leads.yaml", "bring a configuration into force, all or nothing", apply),
  talking(
    "export",
    "export leads.yaml",
    "write the configuration in force to a file, or to the screen",
    exportConfiguration,
  ),
  talking("keys", "keys create supplier_xyz789", "create, list, revoke or import a supplier's keys", keys),
  {
    name: "openapi",
    usage: "openapi",
    purpose: "print the API's OpenAPI document, as /docs/openapi.json serves it",
    run: () => openapi(),
  },
  {
    name: "healthcheck",
    usage: "healthcheck",
    purpose: "exit with 0 when the server is ready",
    run: (_, settings) => healthcheck(settings()),
  },
  { name: "version", usage: "version", purpose: "print the version", run: version },
  {
    name: "help",
    usage: "help",
    purpose: "print this",
    run: async () => {
      process.stdout.write(help());
      return 0;
    },
  },
];

/** The command of that name; `--help` and `--version` are commands too. */
export function commandNamed(name: string): Command | undefined {
  return COMMANDS.find(
    (command) => command.name === name.replace(/^--?/, "") || command.name === SHORT[name],
  );
}

const SHORT: Readonly<Record<string, string>> = { "-h": "help", "-v": "version" };

/** A command that talks to a running server: the embedded database belongs to that server alone. */
function talking(
  name: string,
  usage: string,
  purpose: string,
  command: (args: string[], context: CommandContext) => Promise<number>,
): Command {
  return { name, usage, purpose, run: async (args, settings) => command(args, await contextOf(settings())) };
}

async function contextOf(settings: Settings): Promise<CommandContext> {
  return {
    server: {
      url: settings.serverUrl,
      adminKey: settings.adminKey ?? (await adminKeyInDataDir(settings.dataDir)),
    },
    write: (text) => process.stdout.write(text),
    writeError: (text) => process.stderr.write(text),
    readFile: (path) => readFile(path, "utf8"),
    writeFile: (path, text) => writeFile(path, text),
  };
}

export function help(): string {
  const width = Math.max(...COMMANDS.map((command) => command.usage.length));
  const nameWidth = Math.max(...SETTINGS.map((setting) => setting.name.length));
  const commands = COMMANDS.map(
    (command) => `  leadgate ${command.usage.padEnd(width)}  ${command.purpose}\n`,
  );
  const settings = SETTINGS.map((setting) => {
    const otherwise = setting.default === "" ? "" : ` (${setting.default})`;
    return `  ${setting.name.padEnd(nameWidth)}  ${setting.meaning}${otherwise}\n`;
  });
  return `Leadgate distributes leads from suppliers to buyers.

Commands:
${commands.join("")}
Settings, from the environment (with what holds when they are absent):
${settings.join("")}
Exit codes: 0 done, 1 could not be done, 2 typed or set up wrongly.
`;
}
