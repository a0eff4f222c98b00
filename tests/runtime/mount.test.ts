import { expect, test } from "bun:test";
import type { RequestContext } from "#http/context.ts";
import { anybody, route } from "#http/route.ts";
import { mountRoutes, type Serving } from "#runtime/mount.ts";

const ignore = () => undefined;

const serving: Serving = {
  began: ignore,
  enter: () => ignore,
  follow: () => ({ trace: undefined, answered: ignore }),
  isStopping: () => false,
  missingNodes: () => [],
  isOneOfSeveral: false,
  log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
};

test.each([
  ["/pages/board/today", "POST"],
  ["/pages/", "DELETE"],
  ["/leads/17/sales", "PUT"],
])(
  "an address that is there says by what methods it is asked for, whatever its path stands for: %s",
  async (path, method) => {
    const answer = () => new Response("here");
    const routes = ["/pages/*", "/leads/:lead/sales"].map((each) =>
      route({ method: "get", path: each, who: anybody, answer }),
    );
    const app = mountRoutes(routes, serving);
    const ask = (asked: string, by: string) =>
      app.handle(new Request(`http://localhost${asked}`, { method: by }));
    expect((await ask(path, "GET")).status).toBe(200);
    const refused = await ask(path, method);
    expect([refused.status, refused.headers.get("allow")]).toEqual([405, "GET"]);
    expect((await ask("/pagesboard", method)).status).toBe(404);
  },
);

test("an address with a name that is no text is nobody's, and no route is asked for it", async () => {
  const asked: unknown[] = [];
  const leadRoute = route({
    method: "get",
    path: "/leads/:lead",
    who: anybody,
    answer({ params }) {
      asked.push(params.lead);
      return new Response("here");
    },
  });
  const app = mountRoutes([leadRoute], serving);
  const statusOf = async (path: string) => (await app.handle(new Request(`http://localhost${path}`))).status;
  for (const name of ["%ff", "%ED%A0%80", "%zz", "a%E0%A4%A"])
    expect(await statusOf(`/leads/${name}`)).toBe(404);
  expect(await statusOf("/leads/%C3%A9")).toBe(200);
  expect(asked).toEqual(["é"]);
});

test("operators are told which nodes an answer is without, and that what is not found may be there", async () => {
  const refuse = ({ context }: { context: RequestContext }) => context.refuse("not_found", "There is none.");
  const routes = [
    route({ method: "get", path: "/api/v1/admin/leads", who: anybody, answer: () => new Response("some") }),
    route({ method: "get", path: "/api/v1/admin/leads/:lead", who: anybody, answer: refuse }),
    route({ method: "get", path: "/api/v1/leads/:lead", who: anybody, answer: refuse }),
  ];
  let missing = ["10.0.0.2:5432", "10.0.0.3:5432"];
  const app = mountRoutes(routes, { ...serving, missingNodes: () => missing });
  const ask = async (path: string) => {
    const { status, headers } = await app.handle(new Request(`http://localhost/api/v1/${path}`));
    return [status, headers.get("leadgate-missing-nodes")];
  };
  expect(await ask("admin/leads")).toEqual([200, "10.0.0.2:5432, 10.0.0.3:5432"]);
  expect(await ask("admin/leads/17")).toEqual([503, "10.0.0.2:5432, 10.0.0.3:5432"]);
  expect(await ask("leads/17")).toEqual([404, null]);
  missing = [];
  expect(await ask("admin/leads")).toEqual([200, null]);
  expect(await ask("admin/leads/17")).toEqual([404, null]);
});
