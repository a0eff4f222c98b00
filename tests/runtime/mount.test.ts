import { expect, test } from "bun:test";
import { anybody, route } from "#http/route.ts";
import { mountRoutes } from "#runtime/mount.ts";

const ignore = () => undefined;

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
    const app = mountRoutes(routes, {
      began: ignore,
      enter: () => ignore,
      follow: () => ({ trace: undefined, answered: ignore }),
      isStopping: () => false,
      isOneOfSeveral: false,
      log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    });
    const ask = (asked: string, by: string) =>
      app.handle(new Request(`http://localhost${asked}`, { method: by }));
    expect((await ask(path, "GET")).status).toBe(200);
    const refused = await ask(path, method);
    expect([refused.status, refused.headers.get("allow")]).toEqual([405, "GET"]);
    expect((await ask("/pagesboard", method)).status).toBe(404);
  },
);
