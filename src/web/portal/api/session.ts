import { useQuery, useQueryClient } from "@tanstack/react-query";
import { taken } from "#web/api/client.ts";
import { askPortal, type Front, type Visitor } from "./client.ts";

const SESSION = ["session"];

/** Who is logged in: undefined while that is being asked, null for nobody. */
export function useVisitor(): Visitor | null | undefined {
  const { data } = useQuery({
    queryKey: SESSION,
    staleTime: 60_000,
    queryFn: () => taken(askPortal<Visitor | null>("GET", "/session")),
  });
  return data;
}

/** Whose portal it is. */
export function useFront(): Front | undefined {
  const { data } = useQuery({
    queryKey: ["front"],
    staleTime: 300_000,
    queryFn: () => taken(askPortal<Front>("GET", "")),
  });
  return data;
}

/** Asks for a link, logs in by one, and out again. */
export function usePortalLogin() {
  const queries = useQueryClient();
  const forget = () => {
    queries.setQueryData(SESSION, null);
    // Nothing of the last visitor stays; the session itself is watched, and would not be if it were removed too.
    queries.removeQueries({
      predicate: ({ queryKey }) => !["session", "front"].includes(String(queryKey[0])),
    });
  };
  return {
    askForLink: (email: string) => taken(askPortal("POST", "/login", { email })),
    async logIn(link: string): Promise<void> {
      const visitor = await taken(askPortal<Visitor>("POST", "/session", { link }));
      forget();
      queries.setQueryData(SESSION, visitor);
    },
    async logOut(): Promise<void> {
      await taken(askPortal("DELETE", "/session"));
      forget();
    },
    /** The server knows the session no more. */
    forget,
  };
}
