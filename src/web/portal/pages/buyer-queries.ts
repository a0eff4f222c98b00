import { useQuery } from "@tanstack/react-query";
import { taken } from "#web/api/client.ts";
import { api } from "#web/portal/api/client.ts";

/** The buyer as it is configured, as far as that is its own. */
export function useOwnBuyer() {
  return useQuery({
    queryKey: ["buyer", "self"],
    queryFn: async () => (await taken(api.GET("/api/v1/buyer"))).data,
  });
}

export function useOwnBalance() {
  return useQuery({
    queryKey: ["buyer", "balance"],
    queryFn: async () => (await taken(api.GET("/api/v1/buyer/balance"))).data,
  });
}

export function useEndpoint() {
  return useQuery({
    queryKey: ["buyer", "endpoint"],
    refetchInterval: 30_000,
    queryFn: async () => (await taken(api.GET("/api/v1/buyer/endpoint"))).data,
  });
}
