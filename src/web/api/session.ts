import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, Refusal, type Shapes, taken } from "./client.ts";

export type Role = Shapes["Caller"]["role"];

const SESSION = ["session"];
const ORDER: readonly Role[] = ["read", "operate", "admin"];

/** Who is logged in: undefined while that is being asked, null for nobody. */
export function useSession(): Shapes["Caller"] | null | undefined {
  const { data } = useQuery({
    queryKey: SESSION,
    staleTime: 60_000,
    async queryFn() {
      try {
        return (await taken(api.GET("/api/v1/admin/session"))).data;
      } catch (error) {
        if (error instanceof Refusal && error.status === 401) return null;
        throw error;
      }
    },
  });
  return data;
}

/** Whether who is logged in may do what needs a role. */
export function useMay(needed: Role): boolean {
  const session = useSession();
  return session !== null && session !== undefined && ORDER.indexOf(session.role) >= ORDER.indexOf(needed);
}

/** Logs in by an operator's key, and out again. */
export function useLogin() {
  const queries = useQueryClient();
  return {
    async logIn(key: string): Promise<void> {
      const headers = { authorization: `Bearer ${key}` };
      const { data } = await taken(api.POST("/api/v1/admin/session", { headers }));
      queries.setQueryData(SESSION, data);
    },
    async logOut(): Promise<void> {
      await api.DELETE("/api/v1/admin/session");
      queries.setQueryData(SESSION, null);
      // Nothing that he saw stays; the session itself is watched, and would not be if it were removed too.
      queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== SESSION[0] });
    },
    /** The server knows the session no more. */
    forget: () => queries.setQueryData(SESSION, null),
  };
}
