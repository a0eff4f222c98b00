import { api, taken } from "#web/api/client.ts";
import type { DeliveryQuery } from "./delivery-query.ts";

/** As many deliveries are counted, and sent by one press; more is what a buyer's own “recover” is for. */
export const MOST_COUNTED = 2_000;

/** The ids of the deliveries that are like this, the newest first, at most MOST_COUNTED. */
export async function idsOf(query: DeliveryQuery, signal: AbortSignal): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await taken(
      api.GET("/api/v1/admin/deliveries", { params: { query: { ...query, limit: 200, cursor } }, signal }),
    );
    ids.push(...page.data.map(({ id }) => id));
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined && ids.length < MOST_COUNTED);
  return ids.slice(0, MOST_COUNTED);
}
