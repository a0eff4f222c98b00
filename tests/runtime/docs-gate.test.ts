import { describe, expect, test } from "bun:test";
import { signedLink } from "#access/signed-link.ts";
import { RequestContext } from "#http/context.ts";
import { anybody, route } from "#http/route.ts";
import { type DocsGateParts, gatedDocs } from "#runtime/docs-gate.ts";

const PEPPER = new Uint8Array(32);
const NOW = new Date("2026-01-13T17:00:00Z");

function docs(over: Partial<DocsGateParts> = {}) {
  const shown = (path: string) =>
    route({ method: "get", path, who: anybody, answer: ({ context }) => context.json(200, {}) });
  const paths = ["/docs/openapi.json", "/docs/campaigns/solar", "/docs/assets/page.css", "/docs/webhooks"];
  const routes = gatedDocs(paths.map(shown), {
    access: "keyed",
    addressOf: (request) => request.headers.get("x-from") ?? undefined,
    operatorRefusal: async (context) =>
      context.header("authorization") === null ? context.refuse("unauthorized", "no key") : undefined,
    supplierOf: async (request) => (request.headers.get("x-api-key") === "good" ? "acme" : undefined),
    pepper: PEPPER,
    now: () => NOW,
    elapsedMs: () => 0,
    ...over,
  });
  return async (address: string, headers: Record<string, string> = {}) => {
    const found = routes.find(({ path }) => path === address.split("?")[0]);
    const request = new Request(`http://localhost${address}`, { headers });
    return (await found?.serve(new RequestContext(request), {}))?.status;
  };
}

describe("documents that are closed to strangers", () => {
  test("are shown to suppliers and operators by their keys, and to nobody else", async () => {
    const open = docs();
    expect(await open("/docs/openapi.json")).toBe(401);
    expect(await open("/docs/openapi.json", { "x-api-key": "bad" })).toBe(401);
    expect(await open("/docs/openapi.json", { "x-api-key": "good" })).toBe(200);
    expect(await open("/docs/openapi.json", { authorization: "Bearer key" })).toBe(200);
  });

  test("are shown by a link that is signed, and not by one that looks like it", async () => {
    const target = { campaignId: "solar", reader: { kind: "buyer", id: "first" } } as const;
    const link = signedLink(target, new Date(NOW.getTime() + 60_000), PEPPER);
    expect(await docs()(link)).toBe(200);
    expect(await docs()(link.replace("first", "second"))).toBe(401);
  });

  test("leave the pages of campaigns, which ask by themselves, and the files of pages open", async () => {
    expect(await docs()("/docs/campaigns/solar")).toBe(200);
    expect(await docs()("/docs/assets/page.css")).toBe(200);
  });
});

test("documents are shown to one address fifty times at once, and to others meanwhile", async () => {
  let now = 0;
  const open = docs({ access: "open", elapsedMs: () => now });
  const from = (address: string) => open("/docs/openapi.json", { "x-from": address });
  for (let i = 0; i < 50; i += 1) expect(await from("192.0.2.1")).toBe(200);
  expect(await from("192.0.2.1")).toBe(429);
  expect(await from("192.0.2.2")).toBe(200);
  now = 10_000;
  expect(await from("192.0.2.1")).toBe(200);
});
