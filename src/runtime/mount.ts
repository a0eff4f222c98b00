import { Elysia } from "elysia";
import { operationOf } from "#api-docs/operation.ts";
import { RequestContext } from "#http/context.ts";
import type { Route } from "#http/route.ts";

/** Routes, mounted as they are declared. They read bodies by themselves: Elysia would before anybody asks who calls. */
export function mounted(
  routes: readonly Route[],
  traceparentOf: (request: Request) => string | undefined,
): Elysia {
  const app = new Elysia();
  for (const route of routes) {
    app.route(
      route.method.toUpperCase(),
      route.path,
      ({ request, params, server }) => {
        const allowSilence = (seconds: number) => server?.timeout(request, seconds);
        return route.serve(
          new RequestContext(request, { traceparent: traceparentOf(request), allowSilence }),
          params,
        );
      },
      { parse: "none", detail: detailOf(route) },
    );
  }
  return app;
}

/** What the API's document is generated from. Pages about the API are no part of it. */
function detailOf(route: Route) {
  const { words } = route;
  if (words === undefined) return { hide: true };
  return operationOf({ ...route, words }) as object;
}
