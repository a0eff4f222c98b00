import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, taken } from "#web/api/client.ts";
import { ZONE } from "#web/times/days.ts";
import { bucketOf, type ProfitAsked, queryOf } from "./profit-query.ts";

/** The report that an address asks for. */
export function useProfit(asked: ProfitAsked) {
  const query = queryOf(asked);
  return useQuery({
    queryKey: ["profit", query],
    staleTime: 30_000,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) =>
      (await taken(api.GET("/api/v1/admin/reports/pnl", { params: { query }, signal }))).data,
  });
}

/** Money over the time of a report, for its chart. */
export function useMoneyOverTime(asked: ProfitAsked) {
  const query = { ...queryOf({ ...asked, across: undefined }), group_by: bucketOf(asked) };
  return useQuery({
    queryKey: ["profit", "over time", query],
    staleTime: 30_000,
    queryFn: async ({ signal }) =>
      (await taken(api.GET("/api/v1/admin/reports/pnl", { params: { query }, signal }))).data.rows,
  });
}

/** Leads by how they ended over the time of a report, for its chart. The API counts them by campaign and supplier alone. */
export function useLeadsOverTime(asked: ProfitAsked) {
  const { campaign, supplier } = asked.filters;
  const query = {
    ...asked.days,
    timezone: ZONE,
    campaign,
    supplier,
    bucket: bucketOf(asked),
    group_by: "status",
  };
  return useQuery({
    queryKey: ["profit", "leads over time", query],
    staleTime: 30_000,
    queryFn: async ({ signal }) =>
      (await taken(api.GET("/api/v1/admin/reports/leads", { params: { query }, signal }))).data.rows,
  });
}
