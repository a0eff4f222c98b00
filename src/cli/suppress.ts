import { access, constants } from "node:fs/promises";
import { isMapping, type Mapping } from "#text/problem.ts";
import { type CommandContext, CommandFailure, exitCodeOf, sorted, WrongUse } from "./command.ts";
import { startProgress } from "./progress.ts";
import { call, dataOf, reasonIn } from "./server-call.ts";

const USE = `leadgate suppress import FILE --list LIST [--replace] [--recipe RECIPE] [--ignore-unknown]
       leadgate suppress add --list LIST --phone PHONE | --email EMAIL
       leadgate suppress remove --list LIST --phone PHONE | --email EMAIL
       leadgate suppress check --list LIST --phone PHONE | --email EMAIL`;

/** `leadgate suppress import|add|remove|check`: who is on a suppression list. */
export async function suppress(args: string[], context: CommandContext): Promise<number> {
  return exitCodeOf(context, async () => {
    const { values, positionals } = sorted(args, USE, {
      list: { type: "string" },
      phone: { type: "string" },
      email: { type: "string" },
      recipe: { type: "string" },
      replace: { type: "boolean", default: false },
      "ignore-unknown": { type: "boolean", default: false },
    });
    const [verb, file, ...more] = positionals;
    if (values.list === undefined || more.length > 0) throw new WrongUse(USE);
    const path = `/suppression-lists/${encodeURIComponent(values.list)}`;
    if (verb === "import") {
      if (file === undefined || values.phone !== undefined || values.email !== undefined)
        throw new WrongUse(USE);
      return await importFile(file, path, importQuery(values), context);
    }
    const person = personIn(values);
    const isOfImport = values.replace || values["ignore-unknown"] || values.recipe !== undefined;
    if (file !== undefined || person === undefined || isOfImport) throw new WrongUse(USE);
    switch (verb ?? "") {
      case "add":
        return await add(path, person, context);
      case "remove":
        return await remove(path, person, context);
      case "check":
        return await check(path, person, context);
      default:
        throw new WrongUse(USE);
    }
  });
}

type Person = Readonly<Record<string, string>>;

/** Whom an option names: one person by phone, by e-mail, or both; undefined when it is nobody. */
function personIn({
  phone,
  email,
}: {
  phone?: string | undefined;
  email?: string | undefined;
}): Person | undefined {
  if (phone === undefined && email === undefined) return undefined;
  return { ...(phone !== undefined && { phone }), ...(email !== undefined && { email }) };
}

async function add(path: string, person: Person, context: CommandContext): Promise<void> {
  const body = JSON.stringify({ entries: [person] });
  const { added } = await dataOf(
    await call(context, { method: "POST", path: `${path}/entries`, headers: JSON_BODY, body }),
  );
  context.write(added === 0 ? "On the list already.\n" : "On the list.\n");
}

async function remove(path: string, person: Person, context: CommandContext): Promise<void> {
  const body = JSON.stringify(person);
  await call(context, { method: "DELETE", path: `${path}/entries`, headers: JSON_BODY, body });
  context.write("Taken off the list.\n");
}

async function check(path: string, person: Person, context: CommandContext): Promise<void> {
  const query = new URLSearchParams(person);
  const { suppressed } = await dataOf(await call(context, { method: "GET", path: `${path}/check?${query}` }));
  context.write(suppressed === true ? "On the list.\n" : "Not on the list.\n");
}

const JSON_BODY = { "content-type": "application/json" };

function importQuery(options: {
  recipe?: string | undefined;
  replace: boolean;
  "ignore-unknown": boolean;
}): URLSearchParams {
  return new URLSearchParams({
    ...(options.recipe !== undefined && { recipe: options.recipe }),
    ...(options.replace && { mode: "replace" }),
    ...(options["ignore-unknown"] && { ignore_unknown: "true" }),
  });
}

/** Streams a file to the server, which says every second how far it is. */
async function importFile(
  file: string,
  path: string,
  query: URLSearchParams,
  context: CommandContext,
): Promise<void> {
  const started = performance.now();
  const response = await call(context, {
    method: "POST",
    path: `${path}/entries?${query}`,
    headers: {
      "content-type": "text/csv",
      accept: "application/x-ndjson",
      ...(file.endsWith(".gz") && { "content-encoding": "gzip" }),
    },
    body: await streamOf(file),
  });
  const progress = startProgress("Importing:", context.writeError);
  let last: Mapping = {};
  for await (const line of linesOf(response)) {
    last = line;
    if (line.received !== undefined) progress.say(inWords(line, performance.now() - started));
  }
  progress.end();
  if (!isMapping(last.data)) throw new CommandFailure(reasonIn(last) ?? BROKEN_OFF);
  context.writeError(`${inWords(last.data, performance.now() - started)}\n`);
  report(last.data, context);
}

const BROKEN_OFF = "The server broke off. What it had written by then is on the list; import the file again.";

function inWords({ received, bad }: Mapping, ms: number): string {
  return `${counted(received)} rows, ${counted((Number(received) * 1000) / ms)} a second, ${counted(bad)} bad`;
}

/** @throws CommandFailure when a row was bad, so that whoever runs this by the clock hears of it. */
function report(data: Mapping, context: CommandContext): void {
  const { added, already_there: alreadyThere, bad, bad_lines: badLines, removed } = data;
  context.write(`${counted(added)} added, ${counted(alreadyThere)} there already\n`);
  if (typeof removed === "number") context.write(`${counted(removed)} not in the file, taken off\n`);
  if (bad === 0 && removed === null)
    throw new CommandFailure("The file holds no row: nothing was taken off.");
  if (bad === 0) return;
  const lines = Array.isArray(badLines) ? badLines.filter(isMapping) : [];
  for (const { line, field, message } of lines) {
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

async function streamOf(file: string): Promise<ReadableStream<Uint8Array>> {
  if (file === "-") return Bun.stdin.stream();
  try {
    await access(file, constants.R_OK);
  } catch {
    throw new CommandFailure(`${file} cannot be read.`);
  }
  return Bun.file(file).stream();
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
