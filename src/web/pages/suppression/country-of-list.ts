import type { InForce } from "#web/api/configuration.ts";

/**
 * By which country phones without a country code are understood on a list: that of the campaigns whose leads are looked up in it, where
 * they have one in common.
 */
export function countryOfList(
  list: string,
  { campaigns, buyers }: Pick<InForce, "campaigns" | "buyers">,
): string {
  const buyersOfList = buyers.filter((each) => each.suppression_lists?.includes(list)).map(({ id }) => id);
  const users = campaigns.filter(
    (each) =>
      each.suppression_lists?.includes(list) ||
      each.buyers?.some(({ buyer }) => buyersOfList.includes(buyer)),
  );
  const [country = "US", ...others] = new Set(users.map((each) => each.country ?? "US"));
  return others.length === 0 ? country : "US";
}
