import { DatabaseUnavailable } from "#database/database.ts";
import { limitRepeats } from "./repeats.ts";

/** What a line may say beside its message: ids, counts, times and codes. A phone, an e-mail or a name has no place here, by type. */
export type LogFields = {
  readonly [Name in keyof typeof FIELDS]?: Value<(typeof FIELDS)[Name]> | undefined;
} & {
  /** Anything thrown. Written as name, code and stack; its message is left out, for it may quote what was submitted. */
  readonly error?: unknown;
};

export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

const LEVELS = ["debug", "info", "warn", "error"] as const;
type Level = (typeof LEVELS)[number];

const FIELDS = {
  request_id: "text",
  campaign_id: "text",
  supplier_id: "text",
  buyer_id: "text",
  webhook_id: "text",
  list_id: "text",
  lead_id: "text",
  report_id: "text",
  simulation_id: "text",
  return_id: "text",
  delivery_id: "text",
  conversion_id: "text",
  check_id: "text",
  key_prefix: "text",
  method: "text",
  /** The pattern (`/api/v1/leads/:id`), not the address called. */
  route: "text",
  reason: "text",
  signal: "text",
  host: "text",
  database: "text",
  memory: "text",
  version: "text",
  status: "number",
  count: "number",
  attempt: "number",
  copy: "number",
  revision: "number",
  port: "number",
  pid: "number",
  bytes: "number",
  duration_ms: "number",
  delay_ms: "number",
  is_test: "boolean",
} as const;

/** What tells one time of the same from the next: of a fault that meets every lead, each lead. */
const OF_ONE_TIME: readonly (keyof typeof FIELDS)[] = [
  "request_id",
  "lead_id",
  "return_id",
  "delivery_id",
  "count",
  "attempt",
  "pid",
  "bytes",
  "duration_ms",
  "delay_ms",
];

/**
 * Lines that say the same, written in a minute. Of errors, which are faults of ours, there are more: each has its `request_id`, and the
 * answer to the caller names that.
 */
const MOST_A_MINUTE = { warn: 1, error: 10 } as const;

type Value<Kind> = Kind extends "text" ? string : Kind extends "number" ? number : boolean;

/**
 * A log that hands `write` one line (with its newline) for each call at or above `level`. `message` is a fixed sentence, never
 * built from data. Fields that the type does not know are dropped even when a cast lets them through. Warnings and errors that say the
 * same are written a few times a minute at most: the next one says in `times` how often it was so since the last.
 */
export function createLog(options: {
  /** What every line says. */
  readonly always?: LogFields;
  readonly format: "text" | "json";
  readonly level: Level;
  readonly write: (line: string) => void;
  readonly now: () => Date;
}): Log {
  const timesOf = limitRepeats();
  const at =
    (level: Level) =>
    (message: string, fields: LogFields = {}) => {
      if (LEVELS.indexOf(level) < LEVELS.indexOf(options.level)) return;
      const now = options.now();
      const said: Said = {
        ...allowed({ ...options.always, ...fields }),
        ...("error" in fields ? describe(fields.error) : {}),
      };
      if (level === "warn" || level === "error") {
        const times = timesOf(sameIn(message, said), MOST_A_MINUTE[level], now.getTime());
        if (times === 0) return;
        if (times > 1) said["times"] = times;
      }
      const time = now.toISOString();
      options.write(
        options.format === "json"
          ? `${JSON.stringify({ time, level, message, ...said })}\n`
          : textLine(time, level, message, said),
      );
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

type Said = Record<string, string | number | boolean>;

/** What a line has in common with others of the same. */
function sameIn(message: string, said: Said): string {
  const same = Object.entries(said).filter(([name]) => !OF_ONE_TIME.some((other) => other === name));
  return JSON.stringify([message, same]);
}

function allowed(fields: LogFields): Said {
  const said: Said = {};
  for (const [name, kind] of Object.entries(FIELDS) as [
    keyof typeof FIELDS,
    "text" | "number" | "boolean",
  ][]) {
    const value: unknown = fields[name];
    if (typeof value === "string" && kind === "text") said[name] = value.slice(0, LONGEST_TEXT);
    else if (typeof value === kind && (typeof value === "boolean" || typeof value === "number"))
      said[name] = value;
  }
  return said;
}

const LONGEST_TEXT = 200;

/**
 * Who failed, how and where. No message, ours or anyone's: DrizzleQueryError's holds the parameters, Postgres quotes values
 * (`invalid input syntax … "x"`), and so do JSON.parse and URL. Of a database that is away the sentence is one of a few, and where in the
 * code it was noticed tells nothing.
 */
function describe(thrown: unknown): Said {
  const chain = causes(thrown);
  const outage = chain.find((error) => error instanceof DatabaseUnavailable);
  if (outage !== undefined) return { error: nameOf(outage), reason: outage.message };
  const code = chain
    .map((error) => error as { code?: unknown; sqlstate?: unknown })
    .map((error) => error.code ?? error.sqlstate)
    .find((code) => typeof code === "string" && /^[A-Z0-9_]{1,60}$/.test(code));
  const constraint = chain
    .map((error) => error as { constraint_name?: unknown; constraint?: unknown })
    .map((error) => error.constraint_name ?? error.constraint)
    .find((name) => typeof name === "string" && /^[A-Za-z0-9_]{1,63}$/.test(name));
  const stack = chain.map(frames).findLast((lines) => lines.length > 0) ?? [];
  return {
    error: chain.map(nameOf).join(" < ") || typeof thrown,
    ...(code === undefined ? {} : { code: code as string }),
    ...(constraint === undefined ? {} : { constraint: constraint as string }),
    ...(stack.length === 0 ? {} : { stack: stack.join(" < ") }),
  };
}

function causes(thrown: unknown): Error[] {
  const chain: Error[] = [];
  for (let next = thrown; next instanceof Error && chain.length < 5; next = next.cause) chain.push(next);
  return chain;
}

function nameOf(error: Error): string {
  return /^[\w$.]{1,64}$/.test(error.name) ? error.name : "Error";
}

/** The places of a stack, without the message that stands before them. */
function frames(error: Error): string[] {
  const stack = error.stack ?? "";
  const start = error.message === "" ? 0 : stack.indexOf(error.message);
  if (start === -1) return [];
  return stack
    .slice(start + error.message.length)
    .split("\n")
    .map((line) => /^\s+at (.+:\d+:\d+\)?)$/.exec(line)?.[1])
    .filter((place) => place !== undefined)
    .slice(0, 12);
}

function textLine(time: string, level: Level, message: string, said: Said): string {
  const fields = Object.entries(said).map(([name, value]) => ` ${name}=${plain(value)}`);
  return `${time} ${level.toUpperCase().padEnd(5)} ${message.replace(/\p{Cc}/gu, " ")}${fields.join("")}\n`;
}

function plain(value: string | number | boolean): string {
  return typeof value === "string" && !/^[\w.:/-]+$/.test(value) ? JSON.stringify(value) : String(value);
}
