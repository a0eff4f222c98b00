/**
 * How a table stands on the nodes of Citus: `by` a column, the rows of one campaign are on one node, all of its tables' on the same;
 * `everywhere`, each node has all rows; `one node`, the coordinator alone; `own`, each node has rows of its own.
 */
export type Spreading = { readonly by: string } | "everywhere" | "one node" | "own";

const BY_CAMPAIGN: Spreading = { by: "campaign_id" };
const BY_BUYER: Spreading = { by: "buyer_id" };

/**
 * Every table, those first that others refer to. What decides leads is by campaign or everywhere, so that no lead needs two nodes.
 * Limits of a buyer over all its campaigns are given out to these in parts: `buyer_shares`.
 */
export const SPREADING: Readonly<Record<string, Spreading>> = {
  "drizzle.__drizzle_migrations": "everywhere",
  configurations: "everywhere",
  history: "everywhere",
  archived_entries: "everywhere",
  unsealed: "everywhere",
  campaigns: { by: "id" },
  suppliers: "everywhere",
  buyers: "everywhere",
  webhooks: "everywhere",
  conversions: "everywhere",
  scheduled_reports: "everywhere",
  party_keys: "everywhere",
  operator_keys: "everywhere",
  operator_people: "everywhere",
  operator_login_links: "everywhere",
  operator_passkeys: "everywhere",
  passkey_challenges: "everywhere",
  operator_sessions: "everywhere",
  portal_links: "everywhere",
  portal_sessions: "everywhere",
  suppression_lists: "everywhere",
  suppression_entries: "everywhere",
  leads: BY_CAMPAIGN,
  sales: BY_CAMPAIGN,
  check_answers: BY_CAMPAIGN,
  check_usage: BY_CAMPAIGN,
  redeemed_pings: BY_CAMPAIGN,
  returns: BY_CAMPAIGN,
  lead_keys: BY_CAMPAIGN,
  unkeyed_leads: "everywhere",
  buyer_duplicate_keys: "everywhere",
  campaign_counters: BY_CAMPAIGN,
  buyer_counters: "everywhere",
  buyer_limits: BY_BUYER,
  buyer_grants: BY_BUYER,
  buyer_shares: BY_CAMPAIGN,
  ledger: BY_CAMPAIGN,
  invoices: "everywhere",
  figures: BY_CAMPAIGN,
  figure_totals: BY_CAMPAIGN,
  figure_days: BY_CAMPAIGN,
  figure_day_totals: BY_CAMPAIGN,
  idempotency_keys: BY_CAMPAIGN,
  deliveries: BY_CAMPAIGN,
  delivery_attempts: BY_CAMPAIGN,
  lead_updates: BY_CAMPAIGN,
  retention: "everywhere",
  erasures: "everywhere",
  signing_secrets: "everywhere",
  endpoints: "everywhere",
  alerts: "everywhere",
  simulations: "everywhere",
  simulated_leads: "everywhere",
  "running.outcomes": "own",
  "running.servers": "one node",
  "running.owners": BY_CAMPAIGN,
  "running.master_key": "everywhere",
};

/** Said of a table, in the plan of an operator. */
export function spreadingInWords(spreading: Spreading): string {
  switch (spreading) {
    case "everywhere":
      return "on every node";
    case "one node":
      return "on the coordinator";
    case "own":
      return "of each node by itself";
    default:
      return `by ${spreading.by === "buyer_id" ? "buyer" : "campaign"} (${spreading.by})`;
  }
}
