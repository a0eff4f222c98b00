import { type ErrorDetails, type ErrorKind, errorBody, jsonResponse, statusOf, UNCACHED } from "./reply.ts";

const ACCEPTABLE_ID = /^[A-Za-z0-9._-]{1,64}$/;

/** What the server knows of a request beside the request itself. */
export interface Arrival {
  /** The trace that it is part of; absent unless traces are collected. */
  trace?: RequestTrace | undefined;
  /** Lets the connection be silent for longer than others may, in seconds; 0: for ever. */
  allowSilence?: ((seconds: number) => void) | undefined;
}

export interface RequestTrace {
  /** The W3C `traceparent` under which what comes of the request is found. */
  readonly traceparent: string;
  /** The caller's key was good, and so the trace that the caller names is believed. */
  callerKnown(): void;
}

/** One request on its way through the server, handed to all who answer it: what it asks, under which id, and how it is answered. */
export class RequestContext {
  readonly request: Request;
  /** The client's `x-request-id` when it is well formed, else a new one. */
  readonly id: string;
  readonly #hasNewId: boolean;
  readonly trace: RequestTrace | undefined;
  readonly allowSilence: (seconds: number) => void;

  constructor(request: Request, { trace, allowSilence }: Arrival = {}) {
    this.request = request;
    const sent = request.headers.get("x-request-id");
    const isGiven = sent !== null && ACCEPTABLE_ID.test(sent);
    this.id = isGiven ? sent : Bun.randomUUIDv7();
    this.#hasNewId = !isGiven;
    this.trace = trace;
    this.allowSilence = allowSilence ?? (() => undefined);
  }

  /** A UUIDv7 for the one thing that comes of the request: its own id, unless the client gave it that. */
  newUuid(): string {
    return this.#hasNewId ? this.id : Bun.randomUUIDv7();
  }

  /** A header of the request; null without it. */
  header(name: string): string | null {
    return this.request.headers.get(name);
  }

  /** An answer in JSON. */
  json(status: number, body: unknown, headers?: Readonly<Record<string, string>>): Response {
    return jsonResponse(status, body, { ...headers, "x-request-id": this.id });
  }

  /** An answer without a body. */
  empty(): Response {
    return new Response(null, { status: 204, headers: { "x-request-id": this.id } });
  }

  /** An answer that is a file, or lines as they are made. */
  file(
    body: string | ReadableStream<Uint8Array>,
    mediaType: string,
    headers?: Readonly<Record<string, string>>,
  ): Response {
    return new Response(body, {
      headers: { ...UNCACHED, ...headers, "content-type": mediaType, "x-request-id": this.id },
    });
  }

  /** The answer to what is not done. With `retry_after` among the details the header `Retry-After` says the same. */
  refuse(kind: ErrorKind, message: string, details: ErrorDetails = {}): Response {
    const { retry_after: seconds } = details;
    const headers = seconds === undefined ? undefined : { "retry-after": String(seconds) };
    return this.json(statusOf(kind), errorBody(kind, message, this.id, details), headers);
  }
}
