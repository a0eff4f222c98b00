import { isMapping } from "#problem.ts";
import { type CommandContext, CommandFailure } from "./command.ts";

export interface Call {
  method: "GET" | "PUT" | "POST" | "DELETE";
  /** Below `/api/v1/admin`. */
  path: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
}

/**
 * Asks the running server, which alone may open the embedded database. Throws a CommandFailure that says in words why it did not do
 * what was asked.
 */
export async function call(
  context: CommandContext,
  { method, path, headers, body }: Call,
): Promise<Response> {
  const { url, adminKey } = context.server;
  if (adminKey === undefined) {
    throw new CommandFailure(
      "No operator key: set LEADGATE_ADMIN_KEY to the one that the server printed on its first start.",
    );
  }
  const response = await reach(new URL(`/api/v1/admin${path}`, url), url, {
    method,
    headers: { ...headers, authorization: `Bearer ${adminKey}` },
    ...(body === undefined ? {} : { body }),
  });
  if (response.ok) return response;
  throw new CommandFailure(await whyNot(response));
}

/** The `data` of an answer. */
export async function dataOf(response: Response): Promise<Readonly<Record<string, unknown>>> {
  const body: unknown = await response.json();
  const data = isMapping(body) ? body.data : undefined;
  if (!isMapping(data))
    throw new CommandFailure("The server answered something that this version does not understand.");
  return data;
}

async function reach(address: URL, server: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(address, request);
  } catch {
    throw new CommandFailure(
      `No server answers at ${server}. Start one with leadgate serve, or set LEADGATE_URL.`,
    );
  }
}

async function whyNot(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => undefined);
  if (!isMapping(body) || typeof body.message !== "string") return `The server answered ${response.status}.`;
  const errors = Array.isArray(body.field_errors) ? body.field_errors.filter(isMapping) : [];
  return [body.message, ...errors.map((error) => `  ${String(error.field)}: ${String(error.message)}`)].join(
    "\n",
  );
}
