import { expect, test } from "bun:test";
import { aDocument, aLead, openLeadgate } from "../support/leadgate.ts";
import { journeys } from "./journeys.ts";

journeys("quotas", (journey) => {
  test("a supplier that has sent its bytes of a day gets 429 in words, and goes on as the day passes", async () => {
    const leadgate = openLeadgate(journey.database, undefined, undefined, { supplierBytesPerDay: 2_000 });
    await leadgate.configure(aDocument());
    const send = async () => await leadgate.ingest("acme", aLead({ note: "x".repeat(1_000) }));
    expect((await send()).status).toBe(201);
    const refused = await send();
    expect([refused.status, refused.body.error]).toEqual([429, "rate_limited"]);
    expect(refused.body.message).toStartWith("The supplier has sent as many bytes as may be stored");
    expect(refused.body.retry_after).toBeGreaterThan(60);
    leadgate.clock.pass(86_400_000);
    expect((await send()).status).toBe(201);
    journey.expected = { acknowledged: leadgate.acknowledged };
  });

  test("a disk without room has leads answered 503 in words, and operators served", async () => {
    const disk = { directory: "/", floorBytes: Number.MAX_SAFE_INTEGER };
    const leadgate = openLeadgate(journey.database, undefined, undefined, { disk });
    await leadgate.configure(aDocument());
    let refused = await leadgate.ingest("acme", aLead());
    // The first look may still be under way.
    while (refused.status < 300) refused = await leadgate.ingest("acme", aLead());
    expect([refused.status, refused.body.error, refused.body.retry_after]).toEqual([503, "unavailable", 60]);
    expect(refused.headers.get("retry-after")).toBe("60");
    expect((await leadgate.admin("GET", "/leads")).status).toBe(200);
    journey.expected = { acknowledged: leadgate.acknowledged };
  });
});
