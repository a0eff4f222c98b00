import { checkValueName } from "#text/checked-name.ts";
import type { AskFailure } from "./bid.ts";
import type { PostedPing, PromisedBids } from "./quote.ts";
import type { Sale } from "./sale.ts";
import type { RecordStatus } from "./status.ts";
import type { BuyersAnswer, RefusalCourse, ReopenCause } from "./trace.ts";

/** A lead that is to be decided. */
export type Candidate = Arrived | Pinged | Reopened;

/** What is said of every candidate: who sent it, and what was sent. */
interface Submission {
  /** UUIDv7, made on arrival. */
  id: string;
  requestId: string;
  campaignId: string;
  supplierId: string;
  body: Readonly<Record<string, unknown>>;
  /** What others found about it. Absent: nobody was asked yet; a lead that is decided once more keeps what was found when it came. */
  checks?: CheckFindings | undefined;
  /** The W3C `traceparent` of the request that brought it, while traces are collected. */
  trace?: string | undefined;
}

/** `not_asked`: it is only tried out, and nobody is to be asked. */
export type CheckFindings = readonly CheckFinding[] | "not_asked";

/** What somebody else found about a lead: the evidence that is kept with it, without secrets. */
export interface CheckFinding {
  /** Of the check, in its campaign. */
  id: string;
  verdict: "passed" | "rejected" | "failed";
  /** Why there is no verdict; null: there is one. */
  failure: CheckFailure | null;
  /** What stands in the answer, at most 200 characters each. */
  values: Readonly<Record<string, string>>;
  /** RFC 3339. */
  askedAt: string;
  tookMs: number;
  /** Of HTTP; null: no answer came. */
  status: number | null;
  /** It is an earlier answer to the same question, which was asked then. */
  isKept: boolean;
  /** Null: nothing was sent. */
  request: { method: string; url: string; body: string } | null;
}

export type CheckFailure = AskFailure | "per_day_reached";

/** What checks found, as filters and templates name it: `check.<id>.<value>`. */
export function checkedValues(checks: CheckFindings | undefined): Readonly<Record<string, string>> {
  if (checks === undefined || checks === "not_asked") return {};
  return Object.fromEntries(
    checks.flatMap(({ id, values }) =>
      Object.entries(values).map(([name, value]) => [checkValueName(id, name), value]),
    ),
  );
}

/** A lead that has just come. */
export interface Arrived extends Submission {
  kind: "arrived";
  /** The supplier's key that it came with; null: an operator imports it, or asks what would become of it. */
  keyId: string | null;
  idempotency: Idempotency | null;
  /** What it says of the ping that it follows; null: nothing. */
  ping: PostedPing | null;
  /** Another server may have taken it in already, and could not say so. */
  mayBeOnRecord?: true;
}

/** Part of a lead, for which only a price is asked: nothing of it goes on record. */
export interface Pinged extends Submission {
  kind: "pinged";
  keyId: string | null;
}

/** A lead on record that is decided once more. */
export interface Reopened extends Submission {
  kind: "reopened";
  /** Under which its final answer is to be remembered. */
  idempotency: Idempotency | null;
  /** What the ping that it followed had promised, which still stands. */
  ping: { quote: PromisedBids; wants: string | null } | null;
  prior: PriorDecision;
  /** It was decided meanwhile, maybe by a COMMIT whose answer was lost: it is answered as it stands on record. */
  isAnsweredByRecord?: true;
}

/** Why a lead on record is decided once more, and as what it was found: one that changed meanwhile is left as it is. */
export interface PriorDecision {
  cause: ReopenCause;
  status: RecordStatus;
  /** What was sold, or reserved for a sale. */
  sales: readonly Sale[];
  /** Those of them that are undone; the others stand, whatever is decided now. */
  undone: readonly Sale[];
  /** What was sold and undone before. */
  former: readonly Sale[];
  /** Of what is undone: whether the payout is paid, and the caps count it, all the same. */
  keeps: { payout: boolean; cap: boolean };
  /** The return (UUID) that is accepted with it; null: none is. */
  returnId: string | null;
  /** What a buyer answered when the lead had been sold to it, and what follows of that; null: nothing of the kind. */
  refusal: SaleRefusal | null;
  /** What the buyers that were asked have answered now. */
  answers: BuyersAnswers;
  /** The buyers that may have the lead, and have not said so: nobody else may have their places. */
  mayHave: ReadonlySet<string>;
  /** When all that tells who the person is was taken out of the lead: nobody can be sold it any more. */
  isErased: boolean;
  duplicateOf: EarlierLead | null;
  isTest: boolean;
  /** ms since 1970. */
  decidedAt: number;
  /** When it was decided for the first time, in ms since 1970. */
  firstDecidedAt: number;
  /** The operator who has it decided once more; null: nobody has. */
  by: string | null;
  /** The buyers that did not take it. */
  refusedBy: ReadonlySet<string>;
  /** Of a lead that was put aside and is refused: why, in the operator's words. */
  note?: string | undefined;
  /** No buyer can be asked any more. */
  outOfTime: boolean;
}

/** By the buyer's id. */
export type BuyersAnswers = ReadonlyMap<string, BuyersAnswer>;

/** A buyer's no to a lead that it had been sold. */
export interface SaleRefusal {
  buyerId: string;
  verdict: "rejected" | "duplicate";
  /** Null until the contract with the buyer is looked at. */
  course: RefusalCourse | null;
}

/** The lead that a later one repeats. */
export interface EarlierLead {
  leadId: string;
  buyerId: string | null;
}

/** The supplier's `Idempotency-Key`, keyed and hashed, and a hash of the body that came with it; both UUIDs. */
export interface Idempotency {
  key: string;
  requestHash: string;
  /** Of a row that an operator imports: whether it is decided anew although it was refused and is the same. */
  row?: { again: boolean };
}
