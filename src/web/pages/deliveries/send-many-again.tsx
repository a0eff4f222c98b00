import { Progress } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, Refusal, taken } from "#web/api/client.ts";
import { refreshLists } from "#web/lists/cursor-list.ts";
import { AskFirst } from "#web/parts/ask.tsx";
import { countText } from "#web/parts/money.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { idsOf, MOST_COUNTED as MOST } from "./delivery-ids.ts";
import type { DeliveryQuery } from "./delivery-query.ts";

/** Says how many it is about before it sends all deliveries of a query again. */
export function SendManyAgain({ query, close }: { query: DeliveryQuery; close(): void }) {
  const queries = useQueryClient();
  const [done, setDone] = useState<number>();
  const found = useQuery({
    queryKey: ["deliveries to send again", query],
    staleTime: 0,
    gcTime: 0,
    queryFn: ({ signal }) => idsOf(query, signal),
  });
  const ids = found.data ?? [];

  async function act() {
    let refused = 0;
    for (const [place, delivery] of ids.entries()) {
      setDone(place);
      try {
        await taken(
          api.POST("/api/v1/admin/deliveries/{delivery}/redeliver", { params: { path: { delivery } } }),
        );
      } catch (error) {
        // Its lead is another buyer's now, or was erased.
        if (!(error instanceof Refusal) || error.status !== 409) throw error;
        refused += 1;
      }
    }
    const left =
      refused === 0 ? "" : ` ${countText(refused)} could not be: their leads are not these buyers' any more.`;
    notifications.show({ message: `${countText(ids.length - refused)} are due now.${left}` });
    await refreshLists(queries, ["deliveries"]);
  }

  return (
    <AskFirst
      title="Send all of these again"
      verb={found.data === undefined ? "Send" : `Send ${countText(ids.length)}`}
      isReady={ids.length > 0}
      act={act}
      close={close}
      body={
        <div className="stack">
          {found.error !== null && <Problem error={found.error} />}
          {found.data === undefined ? (
            <p>Counting…</p>
          ) : (
            <p>
              <b>{countText(ids.length)}</b>
              {ids.length >= MOST ? " or more" : ""} deliveries are like this; each is sent at once, whatever
              became of it. Receivers see the same <code>webhook-id</code> as before.
              {ids.length >= MOST && ` The newest ${countText(MOST)} are sent; press again for more.`}
            </p>
          )}
          {done !== undefined && (
            <Progress value={(100 * done) / Math.max(1, ids.length)} aria-label="Sent" />
          )}
        </div>
      }
    />
  );
}
