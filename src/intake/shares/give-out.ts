import type { Measure } from "#intake/decide/caps.ts";
import { heldIn, type LimitPart, type PartOfCampaign } from "./part.ts";

/** What a campaign asks for of one limit. */
export interface AskedOfLimit {
  measure: Measure;
  /** When the period began for which it asks. */
  start: number;
  /** What one lead needs, without which nothing helps, and what all that wait would. */
  least: number;
  most: number;
  /** What it has already. */
  share: LimitPart;
}

/** A limit that has less left than is asked for. */
export interface Short extends Omit<AskedOfLimit, "share"> {
  limit: number;
}

export interface GivenOut {
  /** The grants that change by it. */
  grants: PartOfCampaign[];
  /** Nothing is given of any limit while one of them is short. */
  short: Short[];
}

/**
 * What a campaign is given of a buyer's limits: as much as its leads need, and of what nobody has yet so much that other campaigns find
 * some too. The parts shrink towards the end, where the last unit goes to who asks for it. `grants` are those of all campaigns.
 */
export function giveOut(
  limits: ReadonlyMap<Measure, number>,
  grants: readonly PartOfCampaign[],
  campaignId: string,
  asked: readonly AskedOfLimit[],
): GivenOut {
  const given = asked.map((each) => giveOutOf(limits.get(each.measure) ?? 0, grants, campaignId, each));
  const short = given.flatMap((each) => ("limit" in each ? [each] : []));
  return { short, grants: short.length > 0 ? [] : given.flatMap((each) => ("limit" in each ? [] : [each])) };
}

function giveOutOf(
  limit: number,
  grants: readonly PartOfCampaign[],
  campaignId: string,
  asked: AskedOfLimit,
): PartOfCampaign | Short {
  const ofMeasure = grants.filter(({ measure }) => measure === asked.measure);
  const start = Math.max(asked.start, ...ofMeasure.map((each) => each.start));
  const own = beginning(
    ofMeasure.find((each) => each.campaignId === campaignId) ?? {
      ...asked.share,
      campaignId,
      measure: asked.measure,
      start: Number.NEGATIVE_INFINITY,
    },
    start,
  );
  if (isOnTheWay(own, asked.share)) return own;
  const free = freeOf(limit, ofMeasure, start);
  const { measure, least, most } = asked;
  if (free < least) return { measure, least, most, start, limit };
  const part = Math.floor(free / (2 * Math.max(1, ofMeasure.length)));
  // As much as leads like this one use up: what is left of a price is of use to nobody.
  const fair = part - (part % least);
  return { ...own, granted: own.granted + Math.min(free, Math.max(most, fair)) };
}

/** A part of the period that began at `start`; of one before, nothing of it counts. */
function beginning(part: PartOfCampaign, start: number): PartOfCampaign {
  return part.start === start ? part : { ...part, start, granted: 0, givenBack: 0 };
}

/** What was granted before and has not come to the share, as its server ended in between. */
function isOnTheWay(grant: LimitPart, share: LimitPart): boolean {
  return grant.granted > (share.start === grant.start ? share.granted : 0);
}

/** What no campaign has of a limit in the period that began at `start`. */
export function freeOf(limit: number, grants: readonly LimitPart[], start: number): number {
  return grants.reduce((left, each) => (each.start === start ? left - heldIn(each) : left), limit);
}

/** What a campaign has and does not use of a limit. */
export interface Unused {
  campaignId: string;
  units: number;
}

/**
 * Who gives back how much, when so many units are missing: those that have most, and each half of what it has if that is more, so that
 * nobody comes back for each lead.
 */
export function giversOf(unused: readonly Unused[], missing: number): Unused[] {
  const givers: Unused[] = [];
  let left = missing;
  for (const { campaignId, units } of unused.toSorted((one, other) => other.units - one.units)) {
    if (left <= 0 || units <= 0) break;
    const given = Math.max(Math.min(units, left), Math.floor(units / 2));
    givers.push({ campaignId, units: given });
    left -= given;
  }
  return givers;
}
