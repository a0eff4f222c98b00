import { useQuery } from "@tanstack/react-query";
import { api, type Shapes, taken } from "#web/api/client.ts";
import { ENDPOINTS } from "#web/api/endpoints.ts";
import { CLOSE, capKey, usedShare } from "#web/caps/cap-meter.tsx";
import { aWeekBefore, dayText, ZONE } from "#web/times/days.ts";

/** How often figures are asked for anew, in ms; not while the page is hidden. */
const ASKED_EVERY_MS = 10_000;

function startOfToday(): Date {
  const now = new Date();
  return new Date(now.getFullYear(), now.getMonth(), now.getDate());
}

/** Revenue, payouts and profit of today until now, and of the same stretch a week ago, by currency. */
export function useMoneyToday(campaign: string | undefined) {
  return useQuery({
    queryKey: ["board", "money", campaign],
    refetchInterval: ASKED_EVERY_MS,
    async queryFn() {
      const start = startOfToday();
      const ask = async (from: Date, to: Date) => {
        const query = { from: from.toISOString(), to: to.toISOString(), timezone: ZONE, campaign };
        return (await taken(api.GET("/api/v1/admin/reports/pnl", { params: { query } }))).data.totals;
      };
      const now = new Date();
      const [today, before] = await Promise.all([ask(start, now), ask(aWeekBefore(start), aWeekBefore(now))]);
      return { today, before };
    },
  });
}

export interface HourCount {
  at: string;
  leads: number;
  status?: string;
  reason?: string | null;
}

/** Leads by hour, status and reason: of today, and of the same day a week ago. */
export function useLeadsByHour(campaign: string | undefined) {
  return useQuery({
    queryKey: ["board", "leads", campaign],
    refetchInterval: ASKED_EVERY_MS,
    async queryFn() {
      const start = startOfToday();
      const ask = async (day: Date): Promise<HourCount[]> => {
        const [from, group_by] = [dayText(day), "status,reason"];
        const query = { from, to: from, timezone: ZONE, campaign, bucket: "hour" as const, group_by };
        return (await taken(api.GET("/api/v1/admin/reports/leads", { params: { query } }))).data.rows;
      };
      const [today, before] = await Promise.all([ask(start), ask(aWeekBefore(start))]);
      return { start, today, before };
    },
  });
}

/** The newest leads when the page was opened: what came before those that it is told as they come. */
export function useNewestBefore(campaign: string | undefined): readonly Shapes["LeadSummary"][] {
  const newest = useQuery({
    queryKey: ["board", "newest", campaign],
    queryFn: async () =>
      (await taken(api.GET("/api/v1/admin/leads", { params: { query: { campaign, limit: 12 } } }))).data,
    refetchOnWindowFocus: false,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  return newest.data ?? [];
}

/** The endpoints that are not up, or where something waits for long. */
export function useTroubledEndpoints() {
  return useQuery({
    ...ENDPOINTS,
    select: (all) =>
      all.filter(({ endpoint }) => endpoint.state !== "up" || endpoint.oldest_due_seconds > 60),
  });
}

/** So many campaigns are asked for their caps; who has more looks at one at a time. */
export const MOST_CAMPAIGNS = 20;

/** Caps that are close to full, the fullest first; one that holds in all campaigns stands once. */
export function useFullCaps(campaigns: readonly string[]) {
  const asked = campaigns.slice(0, MOST_CAMPAIGNS);
  return useQuery({
    queryKey: ["board", "caps", asked],
    enabled: asked.length > 0,
    refetchInterval: 3 * ASKED_EVERY_MS,
    async queryFn() {
      const answers = await Promise.all(
        asked.map(
          async (campaign) =>
            (await taken(api.GET("/api/v1/admin/usage", { params: { query: { campaign } } }))).data,
        ),
      );
      const seen = new Set<string>();
      return answers
        .flat()
        .map((cap) => ({ ...cap, share: usedShare(cap) }))
        .filter((cap) => {
          const key = capKey(cap.party === "buyer" ? { ...cap, campaign_id: null } : cap);
          if (cap.share < CLOSE || seen.has(key)) return false;
          seen.add(key);
          return true;
        })
        .toSorted((one, other) => other.share - one.share);
    },
  });
}

/** So many buyers are asked for their balances. */
export const MOST_BUYERS = 50;

/** The balances of buyers who pay from a wallet or on credit, those that are low. */
export function useLowBalances(buyers: readonly string[]) {
  return useQuery({
    queryKey: ["board", "balances", buyers],
    enabled: buyers.length > 0,
    refetchInterval: 3 * ASKED_EVERY_MS,
    async queryFn() {
      const balances = await Promise.all(
        buyers
          .slice(0, MOST_BUYERS)
          .map((id) => taken(api.GET("/api/v1/admin/buyers/{id}/balance", { params: { path: { id } } }))),
      );
      return balances.map(({ data }) => data).filter(({ is_low }) => is_low);
    },
  });
}
