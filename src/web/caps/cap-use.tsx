import { useQuery } from "@tanstack/react-query";
import { api, taken } from "#web/api/client.ts";
import { Problem } from "#web/parts/problem.tsx";
import { Ago } from "#web/times/moment.tsx";
import { CapMeter, capInWords, capKey } from "./cap-meter.tsx";

/** How much is used of each cap of a buyer or supplier, or of all that take part in a campaign. */
export function CapUse({ of }: { of: { buyer: string } | { supplier: string } | { campaign: string } }) {
  const uses = useQuery({
    queryKey: ["usage", of],
    refetchInterval: 10_000,
    queryFn: async () => (await taken(api.GET("/api/v1/admin/usage", { params: { query: of } }))).data,
  });
  if (uses.error !== null) return <Problem error={uses.error} />;
  if (uses.data === undefined) return <p className="dim">…</p>;
  if (uses.data.length === 0) return <p className="dim">There is no cap.</p>;
  return (
    <ul className="plain alerts">
      {uses.data.map((use) => (
        <li key={capKey(use)}>
          <span>
            {"campaign" in of ? (
              <>
                <b>{use.buyer_id ?? use.supplier_id}</b>
                {use.party === "buyer" ? " in all campaigns, " : " "}
              </>
            ) : use.party === "contract" || use.party === "supplier" ? (
              `In ${use.campaign_id}, `
            ) : (
              "In all campaigns, "
            )}
            {capInWords(use)}
          </span>
          {use.resets_at !== null && (
            <span className="dim">
              anew <Ago at={use.resets_at} of={use} />
            </span>
          )}
          <CapMeter cap={use} />
        </li>
      ))}
    </ul>
  );
}
