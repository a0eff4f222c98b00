import createClient from "openapi-fetch";
import type { components, paths } from "./leadgate.d.ts";

/** The named shapes of the API. */
export type Shapes = components["schemas"];

/** The API as its document tells it. The session's cookie goes with every call by itself. */
export const api = createClient<paths>({ fetch: (request) => fetchWatched(request) });

interface FieldProblem {
  field: string;
  code: string;
  message: string;
  line?: number;
  column?: number;
}

/** What the server says when it does not do what it was asked. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  readonly kind: string;
  readonly fields: readonly FieldProblem[];
  readonly requestId: string | undefined;
  constructor(status: number, body: unknown) {
    const said = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
    super(typeof said["message"] === "string" ? said["message"] : `The server answered ${status}.`);
    this.status = status;
    this.kind = typeof said["error"] === "string" ? said["error"] : "unknown";
    this.fields = Array.isArray(said["field_errors"]) ? (said["field_errors"] as FieldProblem[]) : [];
    this.requestId = typeof said["request_id"] === "string" ? said["request_id"] : undefined;
  }
}

/** Whether it is no use to ask again: a server that stops or starts, or a proxy without one, says otherwise soon. */
export function isFinal(error: unknown): boolean {
  return error instanceof Refusal && (error.status < 502 || error.status > 504);
}

/** The body of an answer. Throws a Refusal for what was not done, and a TypeError when nobody answered. */
export async function taken<Body>(
  call: Promise<{ data?: Body; error?: unknown; response: Response }>,
): Promise<Body> {
  const { data, error, response } = await call;
  if (!response.ok) throw new Refusal(response.status, error);
  return data as Body;
}

/** The same with the ETag of what was answered, for the If-Match of a change that is made on it. */
export async function takenWithTag<Body>(
  call: Promise<{ data?: Body; error?: unknown; response: Response }>,
): Promise<Body & { tag: string }> {
  const [body, { response }] = await Promise.all([taken(call), call]);
  return { ...body, tag: response.headers.get("etag") ?? "*" };
}

export interface Reply<Data> {
  data: Data;
  error: unknown;
  response: Response;
}

/** Asks what is no part of the API's document, such as for a link; an answer without a body has no data. */
export async function askBeside<Data>(
  method: "GET" | "POST" | "PATCH" | "DELETE",
  path: string,
  body?: object,
): Promise<Reply<Data>> {
  const headers = { "content-type": "application/json" };
  const sent = body === undefined ? {} : { headers, body: JSON.stringify(body) };
  const address = new URL(path, window.location.origin);
  const response = await fetchWatched(new Request(address, { method, ...sent }));
  const said: unknown = await response.json().catch(() => undefined);
  const { data } = (said ?? {}) as { data: Data };
  return { data, error: said, response };
}

type Listener = (event: "answers" | "away" | "logged out") => void;
const listeners = new Set<Listener>();

/** Tells whether the server answers, and whether the session is over. Returns what stops it. */
export function listenToServer(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Asks the server; whoever listens is told when it does not answer, and when the session is over. */
export async function fetchWatched(request: Request): Promise<Response> {
  try {
    const response = await fetch(request);
    // 502 to 504: a proxy whose server is away, or one that starts or stops.
    if (response.status >= 502) tell("away");
    else tell("answers");
    if (response.status === 401) tell("logged out");
    return response;
  } catch (error) {
    if (!request.signal.aborted) tell("away");
    throw error;
  }
}

function tell(event: Parameters<Listener>[0]): void {
  for (const listener of listeners) listener(event);
}
