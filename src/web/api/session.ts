import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, askBeside, Refusal, type Reply, type Shapes, taken } from "./client.ts";
import type { PasskeyAsked } from "./passkeys.ts";

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

/** Asks what is no part of the API: for a link, and to be let in by one. */
export async function askLogin<Data>(
  method: "GET" | "POST",
  path: "" | "/session" | "/passkey",
  body?: object,
): Promise<Reply<Data>> {
  return askBeside(method, `/api/v1/login${path}`, body);
}

/** Whether the server sends links to log in; undefined while that is being asked. */
export function useSendsLinks(): boolean | undefined {
  const { data } = useQuery({
    queryKey: ["login"],
    staleTime: 300_000,
    queryFn: () => taken(askLogin<{ sends_links: boolean }>("GET", "")),
  });
  return data?.sends_links;
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
    /** Comes by a link that was sent, and is logged in; or, where the person has passkeys, hears for what to ask one. */
    async enter(link: string): Promise<PasskeyAsked | undefined> {
      const entered = await taken(
        askLogin<Shapes["Caller"] | { passkey: PasskeyAsked }>("POST", "/session", { link }),
      );
      if ("passkey" in entered) return entered.passkey;
      queries.setQueryData(SESSION, entered);
      return undefined;
    },
    /** Logs in by what a passkey has signed. */
    async enterSigned(passkey: object): Promise<void> {
      queries.setQueryData(SESSION, await taken(askLogin<Shapes["Caller"]>("POST", "/passkey", { passkey })));
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
