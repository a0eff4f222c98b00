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
  /** Suppliers whose leads are tests. */
  testing: ReadonlySet<string>;
  /** Suppliers that have a time zone of their own, active or not. */
  zones: ReadonlySet<string>;
}

/** What is surely not meant of a campaign's own settings and of its terms with suppliers and buyers, but for filters and money. */
export function campaignWarnings(campaign: WrittenCampaign, parties: ActiveParties): Warning[] {
  const { written, complete, path } = campaign;
  const buyers = complete.buyers.filter(
    ({ status, buyer }) => status === "active" && parties.buyers.get(buyer)?.status === "active",
  );
  return [
    ...supplyWarnings(complete, path, parties),
    ...duplicateWarnings(complete, path),
    ...(written.currency === undefined && complete.country !== "US"
      ? [warning(`${path}.currency`, "currency_not_said", "is not written, so that all prices are in USD")]
      : []),
    ...(buyers.length > 0
      ? []
      : [warning(`${path}.buyers`, "no_buyer", "has nobody who is active: every lead is UNMATCHED")]),
    ...turnWarnings(campaign, buyers, written.buyers ?? []),
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

function supplyWarnings(
  { suppliers, status }: CompleteCampaign,
  path: string,
  parties: ActiveParties,
): Warning[] {
  const active = suppliers.filter((link) => link.status === "active" && parties.suppliers.has(link.supplier));
  if (active.length === 0)
    return [warning(`${path}.suppliers`, "no_supplier", "has nobody who is active: no lead can be sent")];
  if (status !== "active" || !active.every(({ supplier }) => parties.testing.has(supplier))) return [];
  return [
    warning(
      `${path}.suppliers`,
      "all_tests",
      "are all in test_mode: every lead is a test, and nothing is billed",
    ),
  ];
}

/** A second person of the same state is no duplicate. */
function duplicateWarnings({ duplicates, fields }: CompleteCampaign, path: string): Warning[] {
  const types = new Map<string, string>(fields.map(({ name, type }) => [name, type]));
  const isShared = (name: string) => SHARED_FIELDS.has(name) || SHARED_TYPES.has(types.get(name) ?? "");
  if (duplicates.fields.length === 0 || !duplicates.fields.every(isShared)) return [];
  return [
    warning(
      `${path}.duplicates.fields`,
      "duplicates_of_strangers",
      "names only what many people have in common: whoever comes second is a DUPLICATE",
    ),
  ];
}

const SHARED_FIELDS: ReadonlySet<string> = new Set(["state", "zip_code", "source", "first_name"]);
const SHARED_TYPES: ReadonlySet<string> = new Set(["state", "zip", "enum", "boolean", "integer", "number"]);

/** A distribution by what is the same of all buyers. */
function turnWarnings(
  { complete: { distribution, mode }, path }: WrittenCampaign,
  buyers: readonly CompleteContract[],
  contracts: readonly ContractEntry[],
): Warning[] {
  if (mode === "ping_post" || buyers.length < 2) return [];
  const place = `${path}.distribution`;
  const follows = "they take turns, as distribution: round_robin says";
  if (distribution === "priority" && new Set(buyers.map(({ priority }) => priority)).size === 1) {
    return [warning(place, "same_priority", `is priority, while all buyers have the same: ${follows}`)];
  }
  if (distribution === "weighted" && contracts.every(({ weight }) => weight === undefined)) {
    return [warning(place, "same_weight", `is weighted, while no buyer has a weight: ${follows}`)];
  }
  if (distribution !== "weighted") return [];
  return contracts
    .filter(({ weight }) => weight === undefined)
    .map(({ buyer }) =>
      warning(
        `${path}.buyers[${buyer}].weight`,
        "weight_not_said",
        "is not written, so that it is 1 beside the others",
      ),
    );
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
    ...(payout === undefined && !isByMargin
      ? [
          warning(
            `${path}.payout`,
            "no_payout",
            'is not written, so that the supplier is paid nothing; { mode: fixed, amount: "0" } says that this is meant',
          ),
        ]
      : []),
    ...(isByMargin && Number((margin ?? campaign.margin)?.percent ?? 0) === 100
      ? [warning(path, "no_payout", "is paid what a margin of all leaves, nothing: percent is of a hundred")]
      : []),
    ...percentWarnings(share, `${path}.payout.percent`),
    ...percentWarnings(margin?.percent, `${path}.margin.percent`),
  ];
}

export function percentWarnings(percent: string | number | undefined, path: string): Warning[] {
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
  const late = `may take ${bidTimeOf(buyer)} ms for its bid, and the campaign's ping_budget_ms ends after ${campaign.ping_budget_ms}`;
  return [
    ...priceWarnings(contract, path, campaign, buyer),
    ...percentWarnings(contract.returns?.max_percent, `${path}.returns.max_percent`),
    ...(contract.refusal_minutes === 0 && (contract.on_refusal ?? "next_buyer") === "next_buyer"
      ? [
          warning(
            `${path}.refusal_minutes`,
            "refusal_to_nobody",
            "is 0, so that what it refuses goes to nobody else; on_refusal: reverse says that",
          ),
        ]
      : []),
    ...(bidTimeOf(buyer) > campaign.ping_budget_ms && campaign.mode === "ping_post"
      ? [warning(path, "ping_above_budget", late)]
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
