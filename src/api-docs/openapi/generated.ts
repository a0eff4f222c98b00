import { swagger } from "@elysiajs/swagger";
import type { Route } from "#http/route.ts";
import { type Operation, operationOf } from "./operation.ts";

/** By path (`/leads/{id}`), then by method in small letters. */
export type GeneratedPaths = Record<string, Record<string, Operation>>;

/**
 * What `@elysiajs/swagger` makes of the routes that are documented. It is asked for its JSON alone, since its page loads a script from
 * elsewhere, and upstream has given it up for another plugin: nothing else here knows of it.
 */
export async function generatedPaths(routes: readonly Route[]): Promise<GeneratedPaths> {
  const plugin = swagger({ path: PATH, provider: "swagger-ui", excludeStaticFile: false });
  const documented = routes.flatMap(({ words, ...route }) =>
    words
      ? [
          {
            ...route,
            method: route.method.toUpperCase(),
            hooks: { detail: operationOf({ ...route, words }) },
          },
        ]
      : [],
  );
  // Used on an app, the plugin would leave two routes of its own there.
  Object.assign(plugin, { getGlobalRoutes: () => documented });
  const response = await plugin.handle(new Request(`http://localhost${PATH}/json`));
  const { paths } = (await response.json()) as { paths: GeneratedPaths };
  return paths;
}

const PATH = "/generated";
