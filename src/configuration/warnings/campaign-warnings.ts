import type { BuyerDefinition, CompleteCampaign, CompleteContract } from "#campaigns/definition.ts";
import type { CampaignEntry, ContractEntry, SupplierLinkEntry } from "#campaigns/document.ts";
import { type Warning, warning } from "./warning.ts";

/** A campaign as it was written, and with its defaults. */
export interface WrittenCampaign {
  written: CampaignEntry;
  complete: CompleteCampaign;
  path: string;
}

/** Who is active, by id. */
export interface ActiveParties {
  suppliers: ReadonlySet<string>;
  buyers: ReadonlyMap<string, BuyerDefinition>;
}

/** What is surely not meant of a campaign's own settings and of its terms with suppliers and buyers, but for filters and money. */
export function campaignWarnings(campaign: WrittenCampaign, parties: ActiveParties): Warning[] {
  const { written, complete, path } = campaign;
  const buyers = complete.buyers.filter(
    ({ status, buyer }) => status === "active" && parties.buyers.get(buyer)?.status === "active",
  );
  const isSupplied = complete.suppliers.some(
    ({ status, supplier }) => status === "active" && parties.suppliers.has(supplier),
  );
  return [
    ...(isSupplied
      ? []
      : [warning(`${path}.suppliers`, "no_supplier", "has nobody who is active: no lead can be sent")]),
    ...(buyers.length > 0
      ? []
      : [warning(`${path}.buyers`, "no_buyer", "has nobody who is active: every lead is UNMATCHED")]),
    ...priorityWarnings(campaign, buyers),
    ...(written.docs === undefined
      ? [
          warning(
            `${path}.docs`,
            "page_public",
            `is not written, so that everybody can read /docs/campaigns/${complete.id}`,
          ),
        ]
      : []),
    ...percentWarnings(written.margin?.percent, `${path}.margin.percent`),
    ...(written.suppliers ?? []).flatMap((link) =>
      linkWarnings(link, `${path}.suppliers[${link.supplier}]`, complete),
    ),
    ...(written.buyers ?? []).flatMap((contract) =>
      contractWarnings(
        contract,
        `${path}.buyers[${contract.buyer}]`,
        complete,
        parties.buyers.get(contract.buyer),
      ),
    ),
  ];
}

function priorityWarnings(
  { complete, path }: WrittenCampaign,
  buyers: readonly CompleteContract[],
): Warning[] {
  if (complete.distribution !== "priority" || complete.mode === "ping_post" || buyers.length < 2) return [];
  if (new Set(buyers.map(({ priority }) => priority)).size > 1) return [];
  const message =
    "is priority, while all buyers have the same: they take turns, as distribution: round_robin says";
  return [warning(`${path}.distribution`, "same_priority", message)];
}

function linkWarnings(
  { payout, margin }: SupplierLinkEntry,
  path: string,
  campaign: CompleteCampaign,
): Warning[] {
  const share = payout?.mode === "revenue_share" ? payout.percent : undefined;
  const isByMargin = payout === undefined ? campaign.mode === "ping_post" : payout.mode === "margin";
  return [
    ...(isByMargin && margin === undefined && campaign.margin === null
      ? [
          warning(
            path,
            "no_margin",
            'is paid all that buyers pay; margin: { percent: "0" } says that this is meant',
          ),
        ]
      : []),
    ...percentWarnings(share, `${path}.payout.percent`),
    ...percentWarnings(margin?.percent, `${path}.margin.percent`),
  ];
}

function percentWarnings(percent: string | number | undefined, path: string): Warning[] {
  const value = Number(percent);
  if (!(value > 0 && value < 1)) return [];
  return [
    warning(
      path,
      "percent_below_one",
      `is ${percent} of a hundred, less than one percent; ${value * 100} may be meant`,
    ),
  ];
}

function contractWarnings(
  contract: ContractEntry,
  path: string,
  campaign: CompleteCampaign,
  buyer: BuyerDefinition | undefined,
): Warning[] {
  const idle = (name: string, where: string) =>
    warning(`${path}.${name}`, "without_effect", `does nothing: it counts ${where}`);
  const { distribution, max_sells } = campaign;
  return [
    ...(contract.weight !== undefined && distribution !== "weighted"
      ? [idle("weight", "where distribution is weighted")]
      : []),
    ...(contract.priority !== undefined && distribution !== "priority"
      ? [idle("priority", "where distribution is priority")]
      : []),
    ...(contract.exclusive === true && max_sells === 1
      ? [idle("exclusive", "where max_sells is above 1")]
      : []),
    ...priceWarnings(contract, path, campaign, buyer),
    ...(bidTimeOf(buyer) > campaign.ping_budget_ms && campaign.mode === "ping_post"
      ? [
          warning(
            path,
            "ping_above_budget",
            `may take ${bidTimeOf(buyer)} ms for its bid, and the campaign's ping_budget_ms ends after ${campaign.ping_budget_ms}`,
          ),
        ]
      : []),
  ];
}

function priceWarnings(
  { price, price_rules = [] }: ContractEntry,
  path: string,
  { mode }: CompleteCampaign,
  buyer: BuyerDefinition | undefined,
): Warning[] {
  const bids = mode === "ping_post" && bidTimeOf(buyer) > 0;
  if (price !== undefined || price_rules.length > 0 || bids) return [];
  return [
    warning(
      `${path}.price`,
      "no_price",
      'is not written, so that the buyer pays nothing; "0" says that this is meant',
    ),
  ];
}

/** For one bid, in ms; 0 for a buyer that makes none. */
function bidTimeOf(buyer: BuyerDefinition | undefined): number {
  return (buyer?.delivery?.method === "webhook" && buyer.delivery.ping?.timeout_ms) || 0;
}
