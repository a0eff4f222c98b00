import { expect, test } from "bun:test";
import { countryOfList } from "#web/pages/suppression/country-of-list.ts";

test("phones on a list are understood as those of the campaigns that use it, where these are of one country", () => {
  const campaigns = [
    { id: "solar", suppression_lists: ["dnc"], buyers: [{ buyer: "first" }] },
    { id: "dach", country: "DE", suppression_lists: ["robinson", "dnc"], buyers: [{ buyer: "second" }] },
    { id: "wien", country: "DE", suppression_lists: ["robinson"] },
  ];
  const buyers = [{ id: "second", suppression_lists: ["customers"] }];
  const inForce = { campaigns, buyers } as never;
  const countries = ["robinson", "customers", "dnc", "unused"].map((list) => countryOfList(list, inForce));
  expect(countries).toEqual(["DE", "DE", "US", "US"]);
});
