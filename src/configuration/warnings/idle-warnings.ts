import type { BuyerDefinition, CapsDefinition, CompleteCampaign } from "#campaigns/definition.ts";
import type { AlertsEntry, BuyerEntry, CampaignEntry, ContractEntry } from "#campaigns/document.ts";
import type { FilterDefinition } from "#rules/filter-definition.ts";
import type { ActiveParties, WrittenCampaign } from "./campaign-warnings.ts";
import { type Warning, warning } from "./warning.ts";

/** Settings of a campaign and its contracts that do nothing where they stand. */
export function idleInCampaign(
  { written, complete, path }: WrittenCampaign,
  parties: ActiveParties,
): Warning[] {
  return [
    ...idleBudgets(written, complete, parties).map(([name, where]) => idle(`${path}.${name}`, where)),
    ...idleSells(complete, path),
    ...idleDuplicates(written, path),
    ...idleFields(written, path),
    ...complete.checks.filter(isIdleCheck).map(({ id }) => idle(`${path}.checks[${id}]`, CHECK)),
    ...(written.suppliers ?? []).flatMap((link) =>
      idleCaps(link.caps ?? {}, `${path}.suppliers[${link.supplier}]`),
    ),
    ...(written.buyers ?? []).flatMap((contract) =>
      idleInContract(contract, complete, `${path}.buyers[${contract.buyer}]`),
    ),
    ...(written.buyers ?? []).flatMap((contract) =>
      capsBehindBuyers(contract, parties.buyers.get(contract.buyer), `${path}.buyers[${contract.buyer}]`),
    ),
  ];
}

/** Of a buyer's own settings, beside its delivery. */
export function idleInBuyer({ billing, returns, caps, duplicates }: BuyerEntry, path: string): Warning[] {
  const isManual = billing !== undefined && billing.mode === "manual" && billing.low_balance !== undefined;
  return [
    ...idleCaps(caps ?? {}, path),
    ...(isManual
      ? [idle(`${path}.billing.low_balance`, "of a wallet or credit: with mode: manual nothing is watched")]
      : []),
    ...idleReturns(returns, path),
    ...(duplicates?.fields.length === 0
      ? [idle(`${path}.duplicates`, "where fields names some: of none there are no duplicates")]
      : []),
  ];
}

export function idleAlerts(alerts: AlertsEntry | undefined): Warning[] {
  if (alerts?.events === undefined || alerts.email !== undefined) return [];
  return [idle("alerts.events", "where alerts.email says who is told")];
}

function idle(path: string, where: string): Warning {
  return warning(path, "without_effect", `does nothing: it counts ${where}`);
}

function idleBudgets(
  written: CampaignEntry,
  { mode, checks, buyers }: CompleteCampaign,
  parties: ActiveParties,
): [name: string, where: string][] {
  const isAsked = buyers.some(({ buyer }) => isAskedFirst(parties.buyers.get(buyer)));
  const holds = [written, ...(written.suppliers ?? [])].some(
    ({ filters }) => filters !== undefined && mayHold(filters),
  );
  const budgets = [
    ["ping_budget_ms", mode === "ping_post", "in a campaign with mode: ping_post"],
    ["check_budget_ms", checks.length > 0, "where there are checks"],
    ["confirm_budget_ms", isAsked, "where a buyer's delivery has confirm: true"],
    ["hold_hours", holds, "where a filter has outcome: hold"],
  ] as const;
  return budgets.flatMap(([name, isUsed, where]) =>
    written[name] === undefined || isUsed ? [] : [[name, where] as [string, string]],
  );
}

function isAskedFirst(buyer: BuyerDefinition | undefined): boolean {
  return buyer?.delivery?.method === "webhook" && buyer.delivery.confirm;
}

function mayHold(filter: FilterDefinition): boolean {
  return filter.outcome === "hold" || ("all" in filter && filter.all.some(mayHold));
}

/** Whatever is answered, the lead passes, and nothing of it is kept. */
function isIdleCheck({ response_rules, values, on_error }: CompleteCampaign["checks"][number]): boolean {
  return response_rules.length === 0 && Object.keys(values).length === 0 && on_error === "pass";
}

const CHECK = "where response_rules can say no, values are read, or on_error is reject";

function idleSells({ max_sells, buyers }: CompleteCampaign, path: string): Warning[] {
  const active = buyers.filter(({ status }) => status === "active");
  if (max_sells === 1 || active.length === 0 || !active.every(({ exclusive }) => exclusive)) return [];
  return [idle(`${path}.max_sells`, "where a buyer is not exclusive, and each of these is")];
}

function idleDuplicates({ duplicates }: CampaignEntry, path: string): Warning[] {
  if (duplicates?.fields?.length !== 0) return [];
  return (["window_days", "action", "count_unmatched"] as const)
    .filter((name) => duplicates[name] !== undefined)
    .map((name) =>
      idle(`${path}.duplicates.${name}`, "where fields names some: of none there are no duplicates"),
    );
}

function idleFields({ mode, fields = [] }: CampaignEntry, path: string): Warning[] {
  if (mode === "ping_post") return [];
  return fields
    .filter(({ required_for_ping }) => required_for_ping === true)
    .map(({ name }) =>
      idle(`${path}.fields[${name}].required_for_ping`, "in a campaign with mode: ping_post"),
    );
}

function idleInContract(contract: ContractEntry, campaign: CompleteCampaign, path: string): Warning[] {
  const { distribution, max_sells } = campaign;
  const { weight, priority, exclusive, on_refusal = "next_buyer", refusal_minutes } = contract;
  return [
    ...(weight !== undefined && distribution !== "weighted"
      ? [idle(`${path}.weight`, "where distribution is weighted")]
      : []),
    ...(priority !== undefined && distribution !== "priority"
      ? [idle(`${path}.priority`, "where distribution is priority")]
      : []),
    ...(exclusive === true && max_sells === 1
      ? [idle(`${path}.exclusive`, "where max_sells is above 1")]
      : []),
    ...(refusal_minutes !== undefined && on_refusal !== "next_buyer"
      ? [idle(`${path}.refusal_minutes`, "where on_refusal is next_buyer")]
      : []),
    ...idleExclusions(contract, path),
    ...idlePriceRule(contract, path),
    ...idleCaps(contract.caps ?? {}, path),
    ...idleReturns(contract.returns, path),
  ];
}

/** What is excluded of states that are not taken anyway. */
function idleExclusions({ states = [], exclude_states = [] }: ContractEntry, path: string): Warning[] {
  const taken = new Set(states.map((state) => state.toUpperCase()));
  if (taken.size === 0 || exclude_states.length === 0) return [];
  if (exclude_states.some((state) => taken.has(state.toUpperCase()))) return [];
  return [idle(`${path}.exclude_states`, "for what is in states too")];
}

/** One that no other rule stands behind, with the price that holds without it. */
function idlePriceRule({ price, price_rules = [] }: ContractEntry, path: string): Warning[] {
  const last = price_rules.at(-1);
  if (last === undefined || price === undefined || Number(last.price) !== Number(price)) return [];
  return [idle(`${path}.price_rules[${price_rules.length - 1}]`, "where its price is another than price")];
}

function idleReturns(returns: BuyerEntry["returns"], path: string): Warning[] {
  if (returns?.allowed !== false) return [];
  return Object.keys(returns)
    .filter((name) => name !== "allowed")
    .map((name) => idle(`${path}.returns.${name}`, "where returns are allowed"));
}

const PERIODS = ["hour", "day", "week", "month", "total"] as const;

/** Caps that let more through than one of a longer time does. */
function idleCaps(caps: CapsDefinition, path: string): Warning[] {
  return PERIODS.flatMap((period, index) =>
    (["leads", "amount"] as const).flatMap((unit) => {
      const limit = caps[period]?.[unit];
      const longer = PERIODS.slice(index + 1).find((each) => isMore(limit, caps[each]?.[unit]));
      if (longer === undefined) return [];
      return [
        idle(
          `${path}.caps.${period}.${unit}`,
          `where it is below that of ${longer}, which is reached before`,
        ),
      ];
    }),
  );
}

/** Caps of a contract that let more through than the buyer's own of the same time. */
function capsBehindBuyers(
  { caps = {} }: ContractEntry,
  buyer: BuyerDefinition | undefined,
  path: string,
): Warning[] {
  return PERIODS.flatMap((period) =>
    (["leads", "amount"] as const)
      .filter((unit) => isMore(caps[period]?.[unit], buyer?.caps[period]?.[unit]))
      .map((unit) =>
        idle(
          `${path}.caps.${period}.${unit}`,
          "where it is below the buyer's own over all campaigns, which is reached before",
        ),
      ),
  );
}

function isMore(limit: number | string | undefined, other: number | string | undefined): boolean {
  return limit !== undefined && other !== undefined && Number(limit) > Number(other);
}
