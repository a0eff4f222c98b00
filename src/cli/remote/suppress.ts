import { asks, JSON_OPTION, LIMIT_OPTION, listedRows, says, table } from "#cli/command/asking.ts";
import { type CommandContext, CommandFailure, command } from "#cli/command/command.ts";
import { fileStream } from "#cli/command/file-body.ts";
import { startProgress } from "#cli/command/progress.ts";
import { callServer, inAddress, reasonIn } from "#cli/command/remote.ts";
import { isMapping, type Mapping } from "#text/problem.ts";

/** Said by an exit code, to scripts. */
const NOT_ON_THE_LIST = 3;

/** Who is on a suppression list. */
export const suppress = command({
  name: "suppress",
  purpose:
    "put people on a suppression list, one or a file of them, take them off, look for them, count them",
  example: "leadgate suppress import do-not-call.csv --list do-not-call",
  options: {
    "--list LIST": "which list",
    "--phone PHONE": "whom to add, remove or look for",
    "--email EMAIL": "the same by e-mail",
    "--country COUNTRY": "by which phones without country code are understood; US unless said otherwise",
    "--recipe RECIPE":
      "how the file's hashes were made: e164, digits, last_ten, lower, gmail, meta, google or drop",
    "--replace": "take off the list what is not in the file",
    "--ignore-unknown": "pass over columns of other names",
    "--columns NAMES":
      "what the columns of a file without a line of names hold: phone, email, a hash, or area,phone; none between commas is passed over",
    "--yes": "with clear: do it",
    ...LIMIT_OPTION,
    ...JSON_OPTION,
  },
  routes: ["POST /suppression-lists/LIST/entries"],
  forms: {
    "import FILE --list LIST [--replace] [--country COUNTRY] [--recipe RECIPE] [--columns NAMES] [--ignore-unknown]":
      Object.assign(importPeople, { does: "put a file of people on it, in CSV, compressed or not" }),
    "add --list LIST --phone PHONE | --email EMAIL [--country COUNTRY]": asks(
      "POST /suppression-lists/LIST/entries",
      "put one person on it",
      says(({ data }) => (data.added === 0 ? "On the list already." : "On the list.")),
      { sent: ({ phone, email }) => ({ entries: [personIn(phone, email)] }), beside: ["country"] },
    ),
    "remove --list LIST --phone PHONE | --email EMAIL [--country COUNTRY]": asks(
      "DELETE /suppression-lists/LIST/entries",
      "take one person off it",
      says(() => "Taken off the list."),
      { beside: ["country"] },
    ),
    "check --list LIST --phone PHONE | --email EMAIL [--country COUNTRY]": asks(
      "GET /suppression-lists/LIST/check",
      "look for one person; exit code 3 says that it is not on the list",
      says(({ data }) => (data.suppressed === true ? "On the list." : "Not on the list.")),
      { exitCode: ({ suppressed }) => (suppressed === true ? 0 : NOT_ON_THE_LIST) },
    ),
    "clear --list LIST --yes": asks(
      "DELETE /suppression-lists/LIST/entries",
      "take everybody off it",
      says(({ data }) => `${counted(data.removed)} taken off the list.`),
      { inQuery: true, sent: () => ({ all: "true" }) },
    ),
    "count --list LIST": asks(
      "GET /suppression-lists/LIST/count",
      "say how many are on it",
      says(({ data }) => `${data.complete === true ? "" : "more than "}${counted(data.entries)}`),
    ),
    "list [--limit N]": asks(
      "GET /suppression-lists",
      "list the lists; see leadgate help suppression-lists",
      table("id", "name", "status"),
    ),
  },
});

function personIn(phone: unknown, email: unknown): Mapping {
  return { ...(phone !== undefined && { phone }), ...(email !== undefined && { email }) };
}

interface Import {
  FILE: string;
  list: string | undefined;
  country: string | undefined;
  recipe: string | undefined;
  columns: string | undefined;
  replace: boolean;
  "ignore-unknown": boolean;
  json: boolean;
}

async function importPeople(typed: Import, context: CommandContext): Promise<void> {
  const query = new URLSearchParams({
    ...(typed.country !== undefined && { country: typed.country }),
    ...(typed.recipe !== undefined && { recipe: typed.recipe }),
    ...(typed.columns !== undefined && { columns: typed.columns }),
    ...(typed.replace && { mode: "replace" }),
    ...(typed["ignore-unknown"] && { ignore_unknown: "true" }),
  });
  const path = `/suppression-lists/${inAddress(String(typed.list), "LIST")}/entries?${query}`;
  const answer = await sendFile(typed.FILE, path, context);
  if (typed.json) context.write(`${JSON.stringify(answer)}\n`);
  report(answer.data, typed.json ? { ...context, write: () => undefined } : context);
}

/** Streams a file to the server, which says every second how far it is. */
async function sendFile(file: string, path: string, context: CommandContext): Promise<{ data: Mapping }> {
  const started = performance.now();
  const response = await callServer(context, {
    method: "POST",
    path,
    headers: {
      "content-type": "text/csv",
      accept: "application/x-ndjson",
      ...(file.endsWith(".gz") && { "content-encoding": "gzip" }),
    },
    body: await fileStream(file),
  });
  const progress = startProgress("Importing:", context.writeError);
  let last: Mapping = {};
  for await (const line of linesOf(response)) {
    last = line;
    if (line.received !== undefined) progress.say(describeProgress(line, performance.now() - started));
  }
  progress.end();
  const { data, error } = last;
  // A file that cannot be read to its end is told with what came before.
  if (!isMapping(data) || error !== undefined) throw new CommandFailure(reasonIn(last) ?? BROKEN_OFF);
  context.writeError(`${describeProgress(data, performance.now() - started)}\n`);
  return { ...last, data };
}

const BROKEN_OFF = "The server broke off. What it had written by then is on the list; import the file again.";

function describeProgress({ received, bad }: Mapping, ms: number): string {
  return `${counted(received)} rows, ${counted((Number(received) * 1000) / ms)} a second, ${counted(bad)} bad`;
}

/** @throws CommandFailure when a row was bad, so that a job that runs this hears of it. */
function report(data: Mapping, context: CommandContext): void {
  const { added, already_there: alreadyThere, bad, bad_lines: badLines, removed } = data;
  context.write(`${counted(added)} added, ${counted(alreadyThere)} there already\n`);
  if (typeof removed === "number") context.write(`${counted(removed)} not in the file, taken off\n`);
  if (bad === 0 && removed === null)
    throw new CommandFailure("The file holds no row: nothing was taken off.");
  if (bad === 0) return;
  for (const { line, field, message } of listedRows(badLines)) {
    context.writeError(
      `line ${String(line)}: ${field === "" ? "" : `${String(field)}: `}${String(message)}\n`,
    );
  }
  const kept = removed === null ? " So nothing was taken off the list." : "";
  throw new CommandFailure(`Bad rows: ${counted(bad)}. What else the file holds is on the list.${kept}`);
}

function counted(count: unknown): string {
  return Math.round(Number(count)).toLocaleString("en-US");
}

/** The lines of an answer, each a JSON object; an answer that came at once is one line. */
async function* linesOf({ body }: Response): AsyncGenerator<Mapping> {
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for await (const chunk of body ?? []) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      yield* lines.map(parsed);
    }
  } catch {
    return;
  }
  if (rest !== "") yield parsed(rest);
}

function parsed(line: string): Mapping {
  const value: unknown = JSON.parse(line);
  return isMapping(value) ? value : {};
}
