import type { Contract } from "#campaigns/campaign.ts";
import type { Amount } from "#money/amount.ts";

/** What a buyer would pay for the lead, and what its supplier would be paid: alone, or when it is a further sale of the lead. */
export interface Offer {
  price: Amount;
  payout: Amount;
  furtherPayout: Amount;
  reference: string | null;
  /** The buyer bids live and was not asked yet: what it would pay is not known. */
  isOpen: boolean;
}

/** A contract's place in the order of turns. */
export interface Turn {
  /** The campaign's count of turns when it was last served; 0: never. */
  lastTurn: number;
  /** Leads owed by its weight among its rivals, less those it got, from −1 to 1. Only weighted distribution moves it. */
  deficit: number;
}

/** A contract that can take the lead, and for how much. */
export interface Contender {
  contract: Contract;
  offer: Offer;
  turn: Turn;
}
