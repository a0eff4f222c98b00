import { useQuery } from "@tanstack/react-query";
import { api, taken } from "#web/api/client.ts";
import { inWords } from "#web/parts/status.tsx";

const WEEK_MS = 7 * 86_400_000;

/** What became of a supplier's leads. */
export interface Acceptance {
  leads: number;
  accepted: number;
  /** Why the others ended otherwise, the most frequent first. */
  reasons: readonly { status: string; label: string; leads: number }[];
}

/** Of each supplier over the last seven days. */
export function useAcceptance() {
  return useQuery({
    queryKey: ["acceptance"],
    refetchInterval: 60_000,
    async queryFn() {
      const from = new Date(Date.now() - WEEK_MS).toISOString();
      const query = { from, bucket: "day" as const, group_by: "supplier,status,reason" };
      const { data } = await taken(api.GET("/api/v1/admin/reports/leads", { params: { query } }));
      const suppliers = Map.groupBy(data.rows, ({ supplier_id }) => supplier_id ?? "");
      return new Map([...suppliers].map(([id, rows]) => [id, acceptanceOf(rows)]));
    },
  });
}

function acceptanceOf(
  rows: readonly { leads: number; status?: string; reason?: string | null }[],
): Acceptance {
  const sum = (some: readonly { leads: number }[]) => some.reduce((all, { leads }) => all + leads, 0);
  const others = rows.filter(({ status }) => status !== "ACCEPTED");
  const named = Map.groupBy(others, ({ status = "", reason }) => `${status} ${reason ?? ""}`);
  const reasons = [...named].map(([name, some]) => {
    const [status = "", reason = ""] = name.split(" ");
    return { status, label: inWords(reason === "" ? status : reason), leads: sum(some) };
  });
  return {
    leads: sum(rows),
    accepted: sum(rows.filter(({ status }) => status === "ACCEPTED")),
    reasons: reasons.toSorted((one, other) => other.leads - one.leads),
  };
}
