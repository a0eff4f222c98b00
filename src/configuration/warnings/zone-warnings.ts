import type { CapsDefinition, CompleteCampaign } from "#campaigns/definition.ts";
import type { CampaignEntry } from "#campaigns/document.ts";
import type { FilterDefinition } from "#rules/filter-definition.ts";
import type { BuyerPlace } from "./buyer-place.ts";
import { type Warning, warning } from "./warning.ts";

/** Zones whose clock never changes, which nobody on a clock that does means. */
const FIXED = /^(EST|MST|HST|Etc\/GMT[+-]\d+)$/;

const MEANT: Readonly<Record<string, string | undefined>> = {
  EST: "America/New_York",
  MST: "America/Denver",
};

/** Of a zone that has no summer time, with the one that is meant. */
export function zoneWarnings(timezone: string | null, path: string): Warning[] {
  if (timezone === null || !FIXED.test(timezone)) return [];
  const meant = MEANT[timezone];
  const hint = meant === undefined ? "" : `; ${meant} has`;
  return [
    warning(
      `${path}.timezone`,
      "zone_without_summer_time",
      `is ${timezone}, which has no summer time${hint}`,
    ),
  ];
}

/** Of a buyer whose zone is not written, by whose clock something goes. */
export function buyerWithoutZone(id: string, { complete, purchases }: BuyerPlace): Warning[] {
  const contracts = purchases.map(({ contract }) => contract);
  if (contracts.some(({ schedule }) => schedule !== null))
    return [notSaid(`buyers[${id}]`, "schedules open by UTC")];
  return [complete, ...contracts].some(({ caps }) => hasDays(caps)) ? [notSaid(`buyers[${id}]`, CAPS)] : [];
}

/** The same of a campaign. `zones`: those of suppliers that have one, by id. */
export function campaignWithoutZone(
  { timezone, filters, suppliers = [] }: CampaignEntry,
  { id, suppliers: links }: CompleteCampaign,
  zones: ReadonlySet<string>,
): Warning[] {
  if (timezone !== undefined) return [];
  if ([{ filters }, ...suppliers].some((part) => part.filters !== undefined && hasSchedule(part.filters)))
    return [notSaid(`campaigns[${id}]`, "rules with a schedule go by UTC")];
  const isCapped = links.some(({ supplier, caps }) => !zones.has(supplier) && hasDays(caps));
  return isCapped ? [notSaid(`campaigns[${id}]`, CAPS)] : [];
}

const CAPS = "caps begin anew at midnight in UTC";

function notSaid(path: string, what: string): Warning {
  return warning(`${path}.timezone`, "zone_not_said", `is not written, so that its ${what}`);
}

function hasDays({ day, week, month }: CapsDefinition): boolean {
  return [day, week, month].some((cap) => cap !== undefined);
}

function hasSchedule(filter: FilterDefinition): boolean {
  if ("field" in filter) return filter.schedule !== undefined;
  if ("not" in filter) return hasSchedule(filter.not);
  return ("all" in filter ? filter.all : filter.any).some(hasSchedule);
}
