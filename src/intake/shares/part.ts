import type { Measure, Usage } from "#intake/decide/caps.ts";
import { type CapPeriod, CLOCK_PERIODS } from "#time/period.ts";

/**
 * What a campaign has been given of one of a buyer's limits. It is known twice: as a grant by the node of the buyer's limits, and as a
 * share by the campaign's, whose leads are decided by it. What is granted is counted with the grant alone, and what is given back with the
 * share alone; the other side copies it, whenever it comes to that. As both only grow, a copy that is old, made twice or never made
 * leaves the grant at as much as the share or more: so no unit is had by two campaigns, and none is lost that a later copy does not find.
 */
export interface LimitPart {
  /** Another each time that the limits are given out anew. */
  edition: string;
  /** When the period that it is of began, in ms since 1970; 0 of one that has no beginning. */
  start: number;
  granted: number;
  givenBack: number;
}

export interface PartOfCampaign extends LimitPart {
  campaignId: string;
  measure: Measure;
}

/** What the campaign may use of the limit in the part's period. */
export function heldIn({ granted, givenBack }: LimitPart): number {
  return granted - givenBack;
}

/** The share once it knows of the grant. A period that is over is not opened again. */
export function withGranted<P extends LimitPart>(share: P, grant: LimitPart): P {
  if (grant.edition !== share.edition || grant.start < share.start) return share;
  if (grant.start > share.start)
    return { ...share, start: grant.start, granted: grant.granted, givenBack: 0 };
  return grant.granted > share.granted ? { ...share, granted: grant.granted } : share;
}

/** The grant once it knows of what was given back of the share. */
export function withGivenBack<P extends LimitPart>(grant: P, share: LimitPart): P {
  const isOfIt = share.edition === grant.edition && share.start === grant.start;
  return isOfIt && share.givenBack > grant.givenBack ? { ...grant, givenBack: share.givenBack } : grant;
}

/** What was used of what a measure counts, and when its period began. */
export interface LimitUse {
  start: number;
  units: number;
}

/** What a campaign has used of its contract with a buyer; `spent` in ten-thousandths of money. */
export interface ContractUse {
  usage: Usage;
  spent: number;
}

export function usedOf(measure: Measure, { usage, spent }: ContractUse): LimitUse {
  const start = periodStartIn(measure, usage);
  if (measure === "balance") return { start, units: spent };
  const [period, unit] = measure.split(".") as [CapPeriod, "leads" | "amount"];
  return { start, units: usage[period][unit] };
}

/** When the period began that a usage counts for a measure, in ms since 1970; 0 where it has no beginning. */
export function periodStartIn(measure: Measure, usage: Usage): number {
  const clock = CLOCK_PERIODS.find((period) => measure.startsWith(`${period}.`));
  return clock === undefined ? 0 : usage[clock].start;
}

/** What of a share is not used; of a period that is not the one in which its campaign counts, all or nothing. */
export function unusedOf(share: LimitPart, used: LimitUse): number {
  if (used.start > share.start) return 0;
  return Math.max(0, heldIn(share) - (used.start === share.start ? used.units : 0));
}

/** The share once it has given back so many units, or as many of them as it has left. */
export function withLess<P extends LimitPart>(share: P, used: LimitUse, units: number): P {
  const given = Math.min(units, unusedOf(share, used));
  return given > 0 ? { ...share, givenBack: share.givenBack + given } : share;
}
