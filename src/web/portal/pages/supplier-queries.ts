import { useQuery } from "@tanstack/react-query";
import { taken } from "#web/api/client.ts";
import { api } from "#web/portal/api/client.ts";

/** What a supplier is owed. */
export function useOwed() {
  return useQuery({
    queryKey: ["supplier", "balance"],
    queryFn: async () => (await taken(api.GET("/api/v1/balance"))).data,
  });
}

export function useOwnCampaigns() {
  return useQuery({
    queryKey: ["supplier", "campaigns"],
    queryFn: async () => (await taken(api.GET("/api/v1/campaigns"))).data,
  });
}
