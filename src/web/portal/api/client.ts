import createClient from "openapi-fetch";
import { askBeside, fetchWatched, type Reply } from "#web/api/client.ts";
import type { components, paths } from "./portal.d.ts";

/** The named shapes of what buyers and suppliers may ask. */
export type PortalShapes = components["schemas"];

/** What buyers and suppliers may ask, as the API's document tells it. The session's cookie goes with every call by itself. */
export const api = createClient<paths>({ fetch: (request) => fetchWatched(request) });

/** Who is logged in. */
export interface Visitor {
  kind: "buyer" | "supplier";
  id: string;
  name: string;
  /** Null: that of each campaign. */
  timezone: string | null;
  expires_at: string;
}

/** What is known before anybody is. */
export interface Front {
  brand: { name: string | null; logo: string | null; color: string | null };
  /** Whether who asks for a link is sent one. */
  sends_links: boolean;
}

/** Asks the portal's own routes, which are no part of the API. */
export async function askPortal<Data>(
  method: "GET" | "POST" | "DELETE",
  path: "" | "/session" | "/login",
  body?: object,
): Promise<Reply<Data>> {
  return askBeside(method, `/api/v1/portal${path}`, body);
}
