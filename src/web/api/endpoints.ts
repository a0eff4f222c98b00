import { api, taken } from "./client.ts";

/** How each endpoint is that is sent to, asked every ten seconds: for `useQuery`. */
export const ENDPOINTS = {
  queryKey: ["endpoints"],
  refetchInterval: 10_000,
  queryFn: async () => (await taken(api.GET("/api/v1/admin/endpoints"))).data,
};
