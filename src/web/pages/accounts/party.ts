import { useQuery } from "@tanstack/react-query";
import { api, type Shapes, taken } from "#web/api/client.ts";
import { useConfiguration } from "#web/api/configuration.ts";

/** Whose account it is. */
export interface Party {
  kind: "buyer" | "supplier";
  id: string;
}

/** The party that an address names; undefined when it names none. */
export function partyOf({
  buyer,
  supplier,
}: Readonly<Record<string, string | undefined>>): Party | undefined {
  if (buyer !== undefined) return { kind: "buyer", id: buyer };
  return supplier === undefined ? undefined : { kind: "supplier", id: supplier };
}

/** How a party is written in an address. */
export function searchOf({ kind, id }: Party): Record<string, string> {
  return { [kind]: id };
}

/** What a party is called, and its time zone. */
export function useNameOf({ kind, id }: Party): { name: string; timezone: string } {
  const { data } = useConfiguration();
  const list: readonly { id: string; name?: string; timezone?: string }[] =
    (kind === "buyer" ? data?.buyers : data?.suppliers) ?? [];
  const found = list.find((each) => each.id === id);
  return { name: found?.name ?? id, timezone: found?.timezone ?? "UTC" };
}

export type AnyBalance = Pick<Shapes["SupplierBalance"], "balance" | "currency" | "balances"> &
  Partial<Shapes["Balance"]>;

/** What a party owes or is owed. */
export function useBalance({ kind, id }: Party) {
  return useQuery({
    queryKey: ["balance", kind, id],
    async queryFn(): Promise<AnyBalance> {
      if (kind === "buyer") {
        return (await taken(api.GET("/api/v1/admin/buyers/{id}/balance", { params: { path: { id } } }))).data;
      }
      const params = { path: { supplier: id } };
      return (await taken(api.GET("/api/v1/admin/suppliers/{supplier}/balance", { params }))).data;
    },
  });
}
