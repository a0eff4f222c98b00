import type { Campaign } from "#campaigns/campaign.ts";
import type { EarlierLead } from "#leads/candidate.ts";
import type { Amount } from "#money/amount.ts";
import type { DuplicateKey } from "#people/duplicate-key.ts";
import type { Measure, Usage } from "./caps.ts";
import type { Turn } from "./contender.ts";

/**
 * What leads are decided by: what the database says, and what the leads before in the same batch have changed since.
 * Checks only read it; `applyDecision` changes it in place, and `undoDecision` for a lead that is decided once more. What a party has used
 * is a value: it is replaced and never changed.
 */
export interface BatchState {
  campaign: Campaign;
  /** Buyers whose endpoints are down, and who want their leads to go to others meanwhile. */
  down: ReadonlySet<string>;
  /** Suppression key → the lists that hold it. */
  suppressed: ReadonlyMap<string, readonly string[]>;
  /** Duplicate key → the last lead that counts for it. */
  earlier: Map<string, CountedLead>;
  /** A buyer's duplicate key → the last such lead it received, in any campaign. */
  receivedByBuyer: Map<string, CountedLead>;
  /** The pings whose tokens have bought their lead. */
  redeemed: Set<string>;
  contracts: Map<string, { usage: Usage; turn: Turn }>;
  /** How many turns the campaign has given. */
  turns: number;
  /** The suppliers of the batch. */
  links: Map<string, { usage: Usage }>;
  buyers: Map<string, BuyerState>;
}

/** What a buyer that is counted over all its campaigns has used. */
export interface BuyerState {
  usage: Usage;
  balance: Amount;
  /** Only of a buyer with a wallet or on credit does a sale take from the balance. */
  pays: boolean;
  /** Where tables are spread over nodes: `usage` leaves as much room as the campaign's share of each limit has. */
  share?: {
    /** What of a limit others had left to give a moment ago, as far as they were asked. */
    elsewhere: ReadonlyMap<Measure, number>;
  };
}

/** `countedAt` in ms since 1970. */
export interface CountedLead extends EarlierLead {
  countedAt: number;
}

/** The key under which accepted leads of the same kind, live or test, are remembered. */
export function acceptedKey(key: DuplicateKey, isTest: boolean): string {
  return isTest ? key.acceptedTest : key.accepted;
}

export function unmatchedKey(key: DuplicateKey, isTest: boolean): string {
  return isTest ? key.unmatchedTest : key.unmatched;
}
