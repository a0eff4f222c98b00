import { asks, JSON_OPTION, LIMIT_OPTION, listedRows, says, table, type View } from "#cli/command/asking.ts";
import type { Work } from "#cli/command/command.ts";
import { fileBody } from "#cli/command/file-body.ts";
import type { Column } from "#cli/command/table.ts";
import { writeYaml } from "#configuration/document-text.ts";
import { isMapping, type Mapping } from "#text/problem.ts";

/** The options that commands about a kind of parts of the configuration have. */
export const PART_OPTIONS = {
  "--archived": "with list: those too that the configuration left out",
  ...LIMIT_OPTION,
  "--yes": "with remove: do it",
  ...JSON_OPTION,
} as const;

type PartLine<Word extends string> =
  | "list [--archived] [--limit N]"
  | `show ${Word}`
  | "create FILE"
  | `change ${Word} FILE`
  | `remove ${Word} --yes`;

/** What can be done to any kind of parts of the configuration: looked at, made, changed and removed. */
export function partForms<Word extends string>(
  path: string,
  word: Word,
  noun: string,
  ...columns: Column[]
): Record<PartLine<Word>, Work<Mapping>> {
  const one = `/${path}/${word}` as const;
  return {
    "list [--archived] [--limit N]": asks(`GET /${path}`, `list the ${noun}s`, table("id", ...columns)),
    [`show ${word}`]: asks(`GET ${one}`, `show a ${noun} as it is configured`, asConfigured),
    "create FILE": asks(`POST /${path}`, `make a ${noun} of a file in YAML or JSON`, made, {
      sent: fileBody,
    }),
    [`change ${word} FILE`]: asks(
      `PATCH ${one}`,
      "change what the file names; null is the default",
      changed,
      {
        sent: fileBody,
      },
    ),
    [`remove ${word} --yes`]: asks(
      `DELETE ${one}`,
      `archive a ${noun}, or delete it when it is unused`,
      removed,
    ),
  } as Record<PartLine<Word>, Work<Mapping>>;
}

/** A setting, with what holds where it is left out. */
export function settingColumn(path: string, otherwise: string): Column {
  const [name = "", below = ""] = path.split(".");
  return {
    title: name.toUpperCase(),
    of: ({ [name]: value }) =>
      (below === "" ? value : isMapping(value) ? value[below] : undefined) ?? otherwise,
  };
}

/** Sets a part going, or stops it. */
export function sets(path: string, word: string, status: "active" | "paused", does: string): Work<Mapping> {
  return asks(`PATCH /${path}/${word}`, does, changed, { sent: () => ({ status }) });
}

const asConfigured: View = ({ data }) => writeYaml(data);

const made = says(({ data, body }) => {
  const keys = listedRows(data.created_keys);
  const lines = keys.map(({ key }) => `Its key, shown this once: ${String(key)}`);
  return [`${String(data.id)} is made: revision ${String(body.revision)} is in force.`, ...lines].join("\n");
});

const changed = says(({ data, body }) => {
  const status = typeof data.status === "string" ? ` Its status is ${data.status}.` : "";
  return `${String(data.id)} is as you said: revision ${String(body.revision)} is in force.${status}`;
});

const removed = says(
  ({ data, body }) =>
    `${String(data.id)} is ${String(data.action)}: revision ${String(body.revision)} is in force.`,
);
