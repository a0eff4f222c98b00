/** What one buyer's line of a trace says, beside who it is. */
export interface BuyerVerdict {
  buyer_id?: string;
  chosen?: true;
  price?: string;
  reason?: string;
  rules?: readonly string[];
  list?: string;
  of?: string;
  why?: string;
  cap?: { period: string; unit: string };
}

const PERIODS: Readonly<Record<string, string>> = {
  hour: "hourly",
  day: "daily",
  week: "weekly",
  month: "monthly",
  total: "total",
};

/** Why a buyer did not get a lead, as the end of “X was passed over: …”. */
export function verdictInWords(verdict: BuyerVerdict): string {
  if (verdict.chosen === true) return verdict.price === undefined ? "chosen" : `chosen, at ${verdict.price}`;
  const { reason = "", cap, rules = [], list, of, why } = verdict;
  const capInWords = `${PERIODS[cap?.period ?? ""] ?? ""} cap of ${cap?.unit === "amount" ? "money" : "leads"} was reached`;
  switch (reason) {
    case "contract_paused":
      return "its contract in this campaign is paused";
    case "buyer_paused":
      return "the buyer is paused";
    case "overdue":
      return "an invoice of it is overdue";
    case "refused_lead":
      return "it had this lead before, or was asked, and did not take it";
    case "has_lead":
      return "it has this lead already";
    case "sold_to_others":
      return "it takes leads alone, and others have this one";
    case "no_time_to_ask":
      return "it wants to be asked first, and the time for that was over";
    case "endpoint_down":
      return "its endpoint was down, so nothing could be sent to it";
    case "outside_schedule":
      return "it was outside its hours";
    case "state_not_listed":
      return "the lead's state is not among those that it takes";
    case "state_excluded":
      return "the lead's state is one that it does not take";
    case "filtered":
      return `its filter turned the lead away${rules.length > 0 ? ` (${rules.join(", ")})` : ""}`;
    case "suppressed":
      return `the person is on its suppression list${list === undefined ? "" : ` ${list}`}`;
    case "buyer_duplicate":
      return `it had this person before${of === undefined ? "" : `, as ${of}`}`;
    case "contract_cap":
      return `its ${capInWords} in this campaign`;
    case "buyer_cap":
      return `its ${capInWords}`;
    case "supplier_cap":
      return `the supplier's ${capInWords}`;
    case "insufficient_funds":
      return "its balance does not cover the price";
    case "no_bid":
      return `it made no bid${why === undefined ? "" : ` (${why.replaceAll("_", " ")})`}`;
    case "below_min_price":
      return "its price was below the least price of the campaign";
    case "below_payout":
      return "its price would leave nothing, or too little, over the payout";
    case "outranked":
      return "it could have taken the lead, but others came first";
    case "not_the_original_buyer":
      return "the lead repeats one that another buyer has";
    case "no_original_buyer":
      return "the lead repeats one that nobody bought";
    case "no_contract":
      return "its contract has ended";
    default:
      return reason.replaceAll("_", " ");
  }
}

/** Whether what is in the way can be changed at the buyer: its caps, money or endpoint. */
export function isOfBuyer(reason: string | undefined): boolean {
  return ["buyer_paused", "endpoint_down", "buyer_cap", "insufficient_funds", "overdue"].includes(
    reason ?? "",
  );
}

/** Whether it can be changed in the buyer's contract with the campaign: its caps, hours, states or price. */
export function isOfContract(reason: string | undefined): boolean {
  return [
    "contract_paused",
    "contract_cap",
    "outside_schedule",
    "state_not_listed",
    "state_excluded",
    "outranked",
    "below_min_price",
    "below_payout",
  ].includes(reason ?? "");
}

const CHECKS: Readonly<Record<string, string>> = {
  access: "Access",
  fields: "Fields",
  filters: "Filters",
  suppression: "Suppression",
  duplicates: "Duplicates",
  ping: "Ping",
  checks: "Checks by others",
  hold: "Put aside",
  confirmation: "Buyer was asked",
  refusal: "Buyer refused",
  return: "Returned",
  buyers: "Buyers",
};

const ASKS: Readonly<Record<string, string>> = {
  access: "Is the supplier linked to the campaign, and are both active?",
  fields: "Does it have what the campaign asks for?",
  filters: "Do the supplier's and the campaign's rules let it in?",
  suppression: "Is the person on a list of the campaign?",
  duplicates: "Was the person here before?",
  ping: "Does it keep to what was pinged?",
  checks: "What do those say who are asked about it?",
  hold: "Is a person to decide?",
  buyers: "Who can take it, and whose turn is it?",
};

export function checkInWords(check: string): { name: string; asks: string | undefined } {
  return { name: CHECKS[check] ?? check, asks: ASKS[check] };
}
