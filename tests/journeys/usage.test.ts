import { expect, test } from "bun:test";
import { aDocument, aLead } from "../support/leadgate.ts";
import { journeys } from "./journeys.ts";

type Campaign = NonNullable<ReturnType<typeof aDocument>["campaigns"]>[number];

/** `solar` and `roofs` of the same buyers; `first` is capped in all, in `solar`, and the supplier in `solar`, each by its own clock. */
function cappedEverywhere() {
  const document = aDocument({
    supplier: { timezone: "Asia/Kolkata" },
    link: { caps: { day: { amount: "500.00" } } },
    contracts: { first: { caps: { hour: { leads: 5 }, total: { leads: 50 } } } },
    buyers: { first: { caps: { week: { leads: 20, amount: "1000.00" } } } },
  });
  const roofs = { ...aDocument().campaigns?.[0], id: "roofs", name: "Roofs" } as Campaign;
  return { ...document, campaigns: [...(document.campaigns ?? []), roofs] };
}

journeys("the usage of caps", (journey) => {
  const usage = async (query: string) => {
    const { status, body } = await journey.leadgate.admin("GET", `/usage?${query}`);
    return status === 200 ? body.data.map(told) : { status, ...body };
  };
  const told = (use: Record<string, unknown>) =>
    `${[use.party, use.campaign_id ?? "all", use.buyer_id ?? use.supplier_id].join(" ")}: ${use.used} of ${use.limit} ` +
    `${use.unit} a ${use.period} until ${use.resets_at}`;

  test("the usage of a campaign shows each cap of its contracts, suppliers and buyers, by the clock of whose it is", async () => {
    const { leadgate } = journey;
    await leadgate.configure(cappedEverywhere());
    await leadgate.ingest("acme", aLead());
    await leadgate.ingest("acme", aLead());
    await leadgate.ingest("acme", aLead({ flo_campaign_id: "roofs" }));
    const ofContract = [
      "contract solar first: 2 of 5 leads a hour until 2026-01-13T18:00:00.000Z",
      "contract solar first: 2 of 50 leads a total until null",
    ];
    const ofSupplier = "supplier solar acme: 10.00 of 500.00 amount a day until 2026-01-13T18:30:00.000Z";
    const ofBuyer = [
      "buyer all first: 3 of 20 leads a week until 2026-01-19T05:00:00.000Z",
      "buyer all first: 30.00 of 1000.00 amount a week until 2026-01-19T05:00:00.000Z",
    ];
    expect(await usage("campaign=solar")).toEqual([...ofContract, ofSupplier, ...ofBuyer]);
    expect(await usage("campaign=roofs")).toEqual(ofBuyer);
    expect(await usage("buyer=first")).toEqual([...ofContract, ...ofBuyer]);
    expect(await usage("buyer=second")).toEqual([]);
    expect(await usage("supplier=acme")).toEqual([ofSupplier]);
  });

  test("the usage of a cap begins anew with its period, also when no lead has come since", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument({ contracts: { first: { caps: { hour: { leads: 1 } } } } }));
    expect(await usage("buyer=first")).toEqual([
      "contract solar first: 0 of 1 leads a hour until 2026-01-13T18:00:00.000Z",
    ]);
    await leadgate.ingest("acme", aLead());
    expect(await usage("buyer=first")).toEqual([
      "contract solar first: 1 of 1 leads a hour until 2026-01-13T18:00:00.000Z",
    ]);
    leadgate.clock.set("2026-01-13T18:00:00.000Z");
    expect(await usage("buyer=first")).toEqual([
      "contract solar first: 0 of 1 leads a hour until 2026-01-13T19:00:00.000Z",
    ]);
  });

  test("the usage is asked of exactly one campaign, buyer or supplier, which there must be", async () => {
    await journey.leadgate.configure(aDocument());
    const message = "say exactly one of campaign, buyer and supplier";
    expect(await usage("")).toMatchObject({
      status: 400,
      field_errors: [{ field: "campaign", code: "required", message }],
    });
    expect(await usage("campaign=solar&buyer=first")).toMatchObject({
      status: 400,
      field_errors: [{ field: "buyer", code: "not_allowed", message }],
    });
    for (const kind of ["campaign", "buyer", "supplier"]) {
      expect(await usage(`${kind}=nobody`)).toMatchObject({
        status: 404,
        message: `There is no such ${kind}.`,
      });
    }
  });
});
