import { useQuery } from "@tanstack/react-query";
import { api, type Shapes, taken } from "./client.ts";

type Document = Shapes["Configuration"];
type Listed<Name extends "campaigns" | "suppliers" | "buyers" | "suppression_lists" | "webhooks"> =
  NonNullable<Document[Name]>[number] & { id: string };

/** What of the document in force pages know names by: there, everything has its id. */
export interface InForce {
  campaigns: readonly Listed<"campaigns">[];
  suppliers: readonly Listed<"suppliers">[];
  buyers: readonly Listed<"buyers">[];
  suppressionLists: readonly Listed<"suppression_lists">[];
}

const NOTHING: InForce = { campaigns: [], suppliers: [], buyers: [], suppressionLists: [] };

/** The document in force. */
export function useConfiguration() {
  return useQuery({
    queryKey: ["configuration"],
    staleTime: 30_000,
    async queryFn(): Promise<InForce> {
      const document = await taken(api.GET("/api/v1/admin/config"));
      const { campaigns = [], suppliers = [], buyers = [], suppression_lists = [] } = document;
      return { campaigns, suppliers, buyers, suppressionLists: suppression_lists } as InForce;
    },
  });
}

/** The ids of all campaigns, suppliers and buyers of the document, for filters. */
export function usePartyIds(): { campaigns: string[]; suppliers: string[]; buyers: string[] } {
  const { data = NOTHING } = useConfiguration();
  const ids = (list: readonly { id: string }[]) => list.map(({ id }) => id);
  return { campaigns: ids(data.campaigns), suppliers: ids(data.suppliers), buyers: ids(data.buyers) };
}
