import type { paths } from "#web/api/leadgate.d.ts";
import { beginOf } from "#web/times/spans.ts";

export type DeliveryQuery = NonNullable<paths["/api/v1/admin/deliveries"]["get"]["parameters"]["query"]>;

/** What is asked of the API for what the address says: what failed, unless it says otherwise. */
export function deliveryQueryOf(said: Readonly<Record<string, string | undefined>>): DeliveryQuery {
  const { state = "dead", buyer, webhook, conversion, campaign, lead } = said;
  const query: Record<string, string> = {};
  const parts = {
    buyer,
    webhook,
    conversion,
    campaign,
    lead,
    state: state === "all" ? undefined : state,
    since: beginOf(said["span"]),
  };
  for (const [name, value] of Object.entries(parts)) if (value !== undefined) query[name] = value;
  return query;
}
