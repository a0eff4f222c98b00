import { once } from "node:events";
import { isMapping, type Mapping } from "#text/problem.ts";
import { type CommandContext, CommandFailure, WrongUse } from "./command.ts";

/**
 * What was typed for a word such as BUYER, as it stands in an address. Nothing, a dot or two would make that the address
 * of something else: of the list, or of whoever it belongs to.
 */
export function inAddress(typed: string, word: string): string {
  if (typed.trim() === "") throw new WrongUse(`${word} is empty.\n`);
  if (typed === "." || typed === "..") throw new WrongUse(`${word} cannot be "${typed}".\n`);
  return encodeURIComponent(typed);
}

/** A request to the operators' API. */
export interface ServerCall {
  method: "GET" | "PUT" | "POST" | "PATCH" | "DELETE";
  /** Below `/api/v1/admin`. */
  path: string;
  headers?: Readonly<Record<string, string>>;
  body?: string | ReadableStream<Uint8Array>;
  /** The name of the file that the body is: what is wrong with it is told with the line. */
  file?: string;
  /** Breaks it off. */
  signal?: AbortSignal;
}

/** The server is not there, or cannot answer for now. */
export class ServerAway extends CommandFailure {
  /** Of HTTP; null: nothing answered. */
  readonly status: number | null;
  /** Seconds after which to ask again, where it says that. */
  readonly retryAfter: number | undefined;

  constructor(why: string, status: number | null, retryAfter?: number) {
    super(why);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** The server will not do what was asked. */
export class ServerRefused extends CommandFailure {
  /** Of HTTP. */
  readonly status: number;

  constructor(why: string, status: number) {
    super(why);
    this.status = status;
  }
}

/**
 * Asks the running server, which alone may open the embedded database. Throws a CommandFailure that says in words why it did not do
 * what was asked.
 */
export async function callServer(
  context: CommandContext,
  { method, path, headers, body, file, signal }: ServerCall,
): Promise<Response> {
  const { url, adminKey } = await context.server();
  if (adminKey === undefined) {
    throw new CommandFailure(
      "No operator key: DATA_DIR has none, as no server has begun there. Start one with leadgate serve; for one elsewhere set " +
        "LEADGATE_URL, and LEADGATE_ADMIN_KEY to the key that it printed on its first start.",
    );
  }
  const response = await reach(new URL(`/api/v1/admin${path}`, url), url, {
    method,
    headers: { ...headers, authorization: `Bearer ${adminKey}` },
    ...(body === undefined ? {} : { body }),
    ...(signal === undefined ? {} : { signal }),
  });
  if (response.ok) return response;
  const why = response.status === UNAUTHORIZED ? WRONG_KEY : await whyNot(response, file);
  if (response.status < 500) throw new ServerRefused(why, response.status);
  const retryAfter = response.headers.get("retry-after");
  throw new ServerAway(why, response.status, retryAfter === null ? undefined : Number(retryAfter));
}

const UNAUTHORIZED = 401;
const WRONG_KEY =
  "The server does not know this operator key. Set LEADGATE_ADMIN_KEY to one of its keys: it printed one on its first start.";

/** The `data` of an answer. */
export async function dataIn(response: Response): Promise<Mapping> {
  const body: unknown = await response.json();
  const data = isMapping(body) ? body.data : undefined;
  if (!isMapping(data))
    throw new CommandFailure("The server answered something that this version does not understand.");
  return data;
}

/** The `data` of an answer that lists things. */
export async function listIn(response: Response): Promise<Mapping[]> {
  const body: unknown = await response.json();
  return isMapping(body) && Array.isArray(body.data) ? body.data.filter(isMapping) : [];
}

/** Writes an answer as it comes, however long it is. */
export async function passOn({ body }: Response, { write }: Pick<CommandContext, "write">): Promise<void> {
  const decoder = new TextDecoder();
  try {
    for await (const chunk of body ?? []) {
      write(decoder.decode(chunk, { stream: true }));
      // A pipe that is read slowly must slow the server down, and not fill this process.
      if (process.stdout.writableNeedDrain) await once(process.stdout, "drain");
    }
  } catch {
    throw new CommandFailure("The server broke off: what was written is not all of it.");
  }
}

async function reach(address: URL, server: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(address, request);
  } catch {
    throw new ServerAway(
      `No server answers at ${server}. Start one with leadgate serve, or set LEADGATE_URL.`,
      null,
    );
  }
}

async function whyNot(response: Response, file: string | undefined): Promise<string> {
  const body: unknown = await response.json().catch(() => undefined);
  return reasonIn(body, file) ?? `The server answered ${response.status}.`;
}

/**
 * Why the server did not do what was asked, as its answer says in words; undefined when it is no such answer. Of a file that was sent,
 * places are told as editors open them: `leads.yaml:96:47`.
 */
export function reasonIn(body: unknown, file?: string): string | undefined {
  if (!isMapping(body) || typeof body.message !== "string") return undefined;
  const errors = Array.isArray(body.field_errors) ? body.field_errors.filter(isMapping) : [];
  return [body.message, ...errors.map((error) => `  ${placeIn(error, file)}${nameOf(error)}`)].join("\n");
}

function placeIn({ line, column }: Mapping, file: string | undefined): string {
  if (file === undefined || typeof line !== "number") return "";
  return `${file}:${line}:${String(column)}: `;
}

/** Of the document as a whole there is nothing to name. */
function nameOf({ field, message }: Mapping): string {
  return field === "" ? `the document ${String(message)}` : `${String(field)}: ${String(message)}`;
}
