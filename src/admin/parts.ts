import type { Operator, OperatorGates } from "#access/sessions/operator-gate.ts";
import type { Sessions } from "#access/sessions/session.ts";
import type { LinkTarget } from "#access/signed-link.ts";
import type { Author } from "#configuration/history-records.ts";
import type { Database } from "#database/database.ts";
import type { Delivery } from "#delivery/delivery.ts";
import type { Recipient } from "#endpoints/recipient.ts";
import type { NotHeld } from "#intake/held/release.ts";
import type { LeadsToImport } from "#intake/ingest/import-leads.ts";
import type { NotOpen } from "#intake/reopen.ts";
import type { SupplierReply } from "#intake/reply/reply.ts";
import type { LeadToSimulate, Simulated } from "#intake/simulate.ts";
import type { Turns } from "#intake/turns.ts";
import type { BidRequest, TriedPing } from "#leads/bid.ts";
import type { OutboxState } from "#leads/delivery-state.ts";
import type { LeadReturn } from "#leads/return.ts";
import type { NotDecided } from "#returns/decide-return.ts";
import type { Log } from "#telemetry/log.ts";

/** What a server knows of itself. */
export interface ServerFacts {
  /** The name of its machine. */
  host: string;
  /** By their names, without secrets; null: not set. */
  settings: Readonly<Record<string, string | number | null>>;
  /** What is free where the embedded database is, in bytes; null: the database is on another machine. */
  freeBytes(): Promise<number | null>;
  /** Below which nothing is taken in. */
  floorBytes: number;
  /** What the outbox holds. Throws DatabaseUnavailable. */
  outbox(): Promise<OutboxState>;
  /** Whether the mail server takes us in; null: none is set. */
  mailAnswers(): Promise<boolean | null>;
  /** The recipients whose stored secrets do not open. */
  locked(): readonly Recipient[];
  /** Whether X-Forwarded-For has come from an address that is no trusted proxy. */
  strangersForward(): boolean;
}

/** What the operators' routes work with. */
export interface AdminParts {
  /** Who may call which of them. */
  operators: OperatorGates;
  /** Who is logged in in a browser. */
  sessions: Pick<Sessions, "open" | "end">;
  database: Database;
  /** Keys the hashes under which suppression entries are kept. */
  pepper: Uint8Array;
  /** What signing secrets are sealed under. */
  secretKey: Uint8Array;
  /** Says that keys or suppliers were changed. */
  keysChanged(): void;
  /** Says that deliveries of a campaign to these recipients were made due. */
  wake(campaignId: string, recipients: Iterable<Recipient>): void;
  /** Tells operators of something that happens beside leads; `tellIn`: in the transaction in which it comes about. */
  tell: Delivery["tell"];
  tellIn: Delivery["tellIn"];
  /** Asks a buyer for a bid once; undefined: it has no ping. */
  testPing(buyerId: string, request: BidRequest): Promise<TriedPing | undefined>;
  /** Says that an order to forget a person was written. */
  wakeErasure(): void;
  /** Says that a simulation was asked for. */
  wakeSimulations(): void;
  /** Takes rows of a file in as leads; an answer for each, or one that says why none was taken in. */
  importLeads(rows: LeadsToImport): Promise<SupplierReply[] | SupplierReply>;
  /** Lets a request be read in turn with those of suppliers. */
  turns: Turns;
  /** Decides a lead on record (a UUID) once more. */
  redistribute(leadId: string, by: string): Promise<SupplierReply | NotOpen>;
  /** Decides a lead (a UUID) that was put aside, or refuses it. */
  releaseHeld(leadId: string, by: string): Promise<SupplierReply | NotHeld>;
  rejectHeld(leadId: string, by: string, note: string | undefined): Promise<SupplierReply | NotHeld>;
  /** Decides a lead that does not come, for an operator to see; undefined: there is no such campaign. */
  simulate(lead: LeadToSimulate): Promise<Simulated | undefined>;
  /** Accepts a return (a UUID): its sale is undone. */
  acceptReturn(id: string, author: Author): Promise<LeadReturn | NotDecided>;
  /** The address of a campaign's page, signed: a path when it is not known where callers reach the server. */
  docsLink(target: LinkTarget, expiresAt: Date): string;
  /** Where callers reach the server; undefined when that is not known. */
  publicUrl: string | undefined;
  facts: ServerFacts;
  /** Sends a person who was made an operator a link to log in; null: links cannot be sent. */
  invite: ((email: string, by: string) => void) | null;
  /** Whether e-mail can be sent. */
  mailIsSetUp: boolean;
  /** Whether what is sent to this URL is refused, as far as the URL alone tells. */
  isRefused(url: string): boolean;
  /** What this server knows of a key's last use beyond what is on record. */
  lastUse(keyId: string): Date | undefined;
  now(): Date;
  log: Pick<Log, "warn">;
  /** Aborted when the server stops: answers that go on and on end then. */
  stopping: AbortSignal;
}

/** Who makes a change, and when, as the history of changes tells of it. */
export function authorOf({ name }: Operator, { now }: Pick<AdminParts, "now">): Author {
  return { by: name, now: now() };
}
