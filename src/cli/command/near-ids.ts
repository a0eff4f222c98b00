import { nearest } from "#text/did-you-mean.ts";
import type { Mapping } from "#text/problem.ts";
import { type CommandContext, CommandFailure, type RouteName } from "./command.ts";
import { typedFor } from "./form.ts";
import { callServer, inAddress, listIn, ServerRefused } from "./remote.ts";

/** The parts of the configuration, as options and as addresses name them. */
const PARTS: Readonly<Record<string, { path: string; noun: string } | undefined>> = {
  campaign: { path: "campaigns", noun: "campaign" },
  supplier: { path: "suppliers", noun: "supplier" },
  buyer: { path: "buyers", noun: "buyer" },
  webhook: { path: "webhooks", noun: "webhook" },
  conversion: { path: "conversions", noun: "conversion" },
  list: { path: "suppression-lists", noun: "suppression list" },
};

/** What narrows a list to nothing may be mistyped. @throws CommandFailure for an id of a part that there is not */
export async function requireParts(asked: Mapping, context: CommandContext): Promise<void> {
  for (const [name, id] of Object.entries(asked)) {
    const part = PARTS[name];
    if (part === undefined || typeof id !== "string" || (await isThere(part.path, id, context))) continue;
    const hint = await nearestTo(id, part.path, context);
    throw new CommandFailure(`There is no ${part.noun} ${JSON.stringify(id)}.${hint}`);
  }
}

async function isThere(path: string, id: string, context: CommandContext): Promise<boolean> {
  try {
    await callServer(context, { method: "GET", path: `/${path}/${inAddress(id, "ID")}` });
    return true;
  } catch (error) {
    if (error instanceof ServerRefused && error.status === 404) return false;
    throw error;
  }
}

/**
 * The same refusal, with the id that was perhaps meant, where a route begins with a part that there is not, or is asked about one.
 * @throws CommandFailure for an id of a part that there is not
 */
export async function withNearest(
  error: unknown,
  route: RouteName,
  typed: Mapping,
  context: CommandContext,
): Promise<unknown> {
  if (!(error instanceof ServerRefused)) return error;
  if (error.status === 400) await requireParts(typed, context);
  if (error.status !== 404) return error;
  const [, path = "", word = ""] = /^[A-Z]+ \/([a-z-]+)\/([A-Z_]+)/.exec(route) ?? [];
  const id = typedFor(word, typed);
  if (!Object.values(PARTS).some((part) => part?.path === path)) return error;
  return new ServerRefused(`${error.message}${await nearestTo(id, path, context)}`, error.status);
}

/** The kinds of parts whose ids can be typed, as options and, in capitals, as words. */
export const PART_KINDS: readonly string[] = Object.keys(PARTS);

/** The ids that there are of a kind, the first 200. Nothing where they cannot be read at once: a shell waits for them. */
export async function idsOfKind(kind: string, context: CommandContext): Promise<string[]> {
  const part = PARTS[kind];
  if (part === undefined) return [];
  try {
    const signal = AbortSignal.timeout(SHELL_WAITS_MS);
    const call = { method: "GET", path: `/${part.path}?limit=200`, signal } as const;
    return (await listIn(await callServer(context, call))).map(({ id }) => String(id));
  } catch {
    return [];
  }
}

const SHELL_WAITS_MS = 1_500;

/** Of the ids that there are. Nothing is said where they cannot be read, or where it is there and something below it is not. */
async function nearestTo(id: string, path: string, context: CommandContext): Promise<string> {
  try {
    const known = await listIn(await callServer(context, { method: "GET", path: `/${path}?limit=200` }));
    const ids = known.map((each) => String(each.id));
    const near = ids.includes(id) ? undefined : nearest(id, ids);
    return near === undefined ? "" : ` Did you mean ${near}?`;
  } catch {
    return "";
  }
}
