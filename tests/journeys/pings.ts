import type { Leadgate, Reply } from "../support/leadgate.ts";

/** Pings as acme. */
export function ping(
  leadgate: Leadgate,
  fields: Readonly<Record<string, unknown>> = {},
  query = "",
): Promise<Reply> {
  return leadgate.call("POST", `/api/v1/ping${query}`, {
    headers: { "x-api-key": leadgate.keyOf("acme"), "content-type": "application/json" },
    body: JSON.stringify({ flo_campaign_id: "solar", flo_supplier_id: "acme", ...fields }),
  });
}
