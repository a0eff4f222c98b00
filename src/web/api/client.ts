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
    return notedMissing(request.url, noted(await fetch(request)));
  } catch (error) {
    if (!request.signal.aborted) tell("away");
    throw error;
  }
}

/** What an answer says to whoever listens. */
function noted(response: Response): Response {
  // 502 to 504: a proxy whose server is away, or one that starts or stops. One that names nodes answers for itself.
  if (response.status >= 502 && !response.headers.has(MISSING_NODES)) tell("away");
  else tell("answers");
  if (response.status === 401) tell("logged out");
  return response;
}

/** The nodes of the database that the last answer was without, by their addresses; null: it had all. */
let missingNodes: string | null = null;
const watchers = new Set<() => void>();

export function readMissingNodes(): string | null {
  return missingNodes;
}

/** Tells when they are others. Returns what stops it. */
export function watchMissingNodes(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

/** Of what operators are shown alone it is said. */
function notedMissing(url: string, response: Response): Response {
  if (!new URL(url).pathname.startsWith("/api/v1/admin/")) return response;
  const now = response.headers.get(MISSING_NODES);
  if (now === missingNodes) return response;
  missingNodes = now;
  for (const watcher of watchers) watcher();
  return response;
}

const MISSING_NODES = "leadgate-missing-nodes";

/** What is heard while a file is sent: how much of it is on its way, from 0 to 1, and each line that the server says of it. */
export interface Sending {
  sent(share: number): void;
  said(line: unknown): void;
}

/**
 * Sends a file, compressed or not, to what answers with a line each second and the outcome as the last of them; resolves with that, as a
 * Refusal's body or as `data`. Throws a Refusal, and a TypeError when the server goes away.
 */
export function sendFile(path: string, file: File, { sent, said }: Sending): Promise<unknown> {
  return new Promise((resolve, reject) => {
    // `fetch` tells nothing of what it sends.
    const sending = new XMLHttpRequest();
    const lines = () => {
      const isLines = sending.getResponseHeader("content-type")?.includes("ndjson") === true;
      return isLines ? sending.responseText.split("\n").slice(0, -1) : [];
    };
    sending.open("POST", path);
    sending.setRequestHeader("content-type", "text/csv");
    sending.setRequestHeader("accept", "application/x-ndjson");
    if (file.name.endsWith(".gz")) sending.setRequestHeader("content-encoding", "gzip");
    sending.upload.addEventListener("progress", ({ loaded, total }) =>
      sent(total === 0 ? 1 : loaded / total),
    );
    sending.addEventListener("progress", () => {
      const line = lines().at(-1);
      if (line !== undefined) said(JSON.parse(line));
    });
    sending.addEventListener("load", () => {
      noted(new Response(null, { status: sending.status }));
      const outcome = parsed(lines().at(-1) ?? sending.responseText);
      if (sending.status === 200 && !("error" in outcome)) resolve(outcome);
      else reject(new Refusal(sending.status, outcome));
    });
    sending.addEventListener("error", () => {
      tell("away");
      reject(new TypeError("The server does not answer."));
    });
    sending.send(file);
  });
}

function parsed(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

function tell(event: Parameters<Listener>[0]): void {
  for (const listener of listeners) listener(event);
}
