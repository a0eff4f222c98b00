import type { paths } from "#web/api/leadgate.d.ts";
import { type Days, dayAfter, daysOf, lengthOf, startOfDay, ZONE } from "#web/times/days.ts";
import { FIGURES, type FigureName, GROUPS, type Group, type Order } from "./pivot.ts";

type Said = Readonly<Record<string, string | undefined>>;
type Query = NonNullable<paths["/api/v1/admin/reports/pnl"]["get"]["parameters"]["query"]>;

/** What is shown unless the address says otherwise. */
const USUAL_FIGURES: readonly FigureName[] = [
  "leads",
  "accepted",
  "sales",
  "returned",
  "revenue",
  "payouts",
  "costs",
  "profit",
  "margin_percent",
];

export interface ProfitAsked {
  days: Days;
  /** What the rows are grouped by, from the outermost. */
  groups: readonly Group[];
  /** A group whose values are columns; undefined: the figures are. */
  across: Group | undefined;
  /** Of which figure the cells are, where a group goes across. */
  figure: FigureName;
  figures: readonly FigureName[];
  order: Order;
  filters: Readonly<Record<"campaign" | "supplier" | "buyer" | "source", string | undefined>>;
  includeTest: boolean;
}

/** What an address asks of the report. */
export function askedBy(said: Said): ProfitAsked {
  const groups = (said["group"] ?? "campaign").split(",").filter(isGroup).slice(0, 3);
  const { campaign, supplier, buyer, source, across, sort = "-profit" } = said;
  const by = sort.replace("-", "");
  const named = (said["figures"] ?? "").split(",").filter(isFigure);
  const isTime = groups[0] !== undefined && ["hour", "day", "week", "month"].includes(groups[0]);
  return {
    days: daysOf(said, "30d"),
    groups,
    across: across !== undefined && isGroup(across) && !groups.includes(across) ? across : undefined,
    figure: isFigure(said["figure"] ?? "") ? (said["figure"] as FigureName) : "profit",
    figures: named.length > 0 ? FIGURES.filter((figure) => named.includes(figure)) : USUAL_FIGURES,
    order: {
      by: isFigure(by) && !(isTime && said["sort"] === undefined) ? by : undefined,
      isDescending: isTime && said["sort"] === undefined ? false : sort.startsWith("-"),
    },
    filters: { campaign, supplier, buyer, source },
    includeTest: said["test"] === "true",
  };
}

function isGroup(word: string): word is Group {
  return word in GROUPS;
}

function isFigure(word: string): word is FigureName {
  return (FIGURES as readonly string[]).includes(word);
}

/** What is asked of the API. */
export function queryOf(asked: ProfitAsked): Query {
  const { days, groups, across, filters, includeTest } = asked;
  const by = across === undefined ? groups : [...groups.slice(0, 1), across];
  const query: Query = { ...days, timezone: ZONE };
  for (const [name, value] of Object.entries(filters)) {
    if (value !== undefined) query[name as keyof typeof filters] = value;
  }
  if (by.length > 0) query.group_by = by.join(",");
  if (includeTest) query.include_test = "true";
  return query;
}

/** Longer stretches are drawn by the day. */
const MOST_DAYS_BY_HOUR = 2;

export function bucketOf({ days }: ProfitAsked): "hour" | "day" {
  return lengthOf(days) <= MOST_DAYS_BY_HOUR ? "hour" : "day";
}

/** When each hour or day of a report begins, in seconds since 1970. */
export function timesOf(asked: ProfitAsked): number[] {
  const times: number[] = [];
  const end = startOfDay(dayAfter(asked.days.to)).getTime();
  if (bucketOf(asked) === "hour") {
    for (let at = startOfDay(asked.days.from).getTime(); at < end; at += 3_600_000) times.push(at / 1000);
    return times;
  }
  for (let day = asked.days.from; day <= asked.days.to; day = dayAfter(day)) {
    times.push(startOfDay(day).getTime() / 1000);
  }
  return times;
}

/** Where the leads of a row are found; undefined where the list of leads cannot be narrowed like that. */
export function leadsOf(
  asked: ProfitAsked,
  groups: readonly Group[],
  path: readonly (string | null)[],
): Record<string, string> | undefined {
  const { days, filters } = asked;
  const search: Record<string, string> = {
    since: startOfDay(days.from).toISOString(),
    until: startOfDay(dayAfter(days.to)).toISOString(),
    ...(asked.includeTest ? {} : { test: "false" }),
  };
  for (const [name, value] of Object.entries(filters)) if (value !== undefined) search[name] = value;
  for (const [place, value] of path.entries()) {
    const { since, until, ...named } = narrowedTo(groups[place], value) ?? { since: undefined };
    if (since === undefined && Object.keys(named).length === 0) return undefined;
    Object.assign(search, named);
    // A week or month at the edge of the days is narrowed to what of it lies within.
    if (since !== undefined && since > (search["since"] ?? "")) search["since"] = since;
    if (until !== undefined && until < (search["until"] ?? "")) search["until"] = until;
  }
  return search;
}

function narrowedTo(
  group: Group | undefined,
  value: string | null,
): Partial<Record<string, string>> | undefined {
  if (group === undefined || value === null) return undefined;
  switch (group) {
    case "campaign":
    case "supplier":
    case "buyer":
    case "source":
      return { [group]: value };
    case "hour": {
      const since = new Date(value);
      const until = new Date(since.getTime() + 3_600_000);
      return { since: since.toISOString(), until: until.toISOString() };
    }
    case "day":
      return between(value, dayAfter(value));
    case "week": {
      const first = mondayOf(value);
      return between(first, dayAfter(first, 7));
    }
    case "month": {
      const first = startOfDay(`${value}-01`);
      const next = new Date(first.getFullYear(), first.getMonth() + 1, 1);
      return { since: first.toISOString(), until: next.toISOString() };
    }
    case "sub_id":
    case "state":
      return undefined;
  }
}

function between(from: string, until: string): Record<string, string> {
  return { since: startOfDay(from).toISOString(), until: startOfDay(until).toISOString() };
}

/** The first day of a week of ISO 8601: the one with 4 January is the first of its year. */
export function mondayOf(week: string): string {
  const [year = "", number = "W1"] = week.split("-");
  const fourth = startOfDay(`${year}-01-04`);
  const weekday = (fourth.getDay() + 6) % 7;
  return dayAfter(`${year}-01-04`, 7 * (Number(number.slice(1)) - 1) - weekday);
}
