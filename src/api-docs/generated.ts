import { swagger } from "@elysiajs/swagger";
import type { AnyElysia } from "elysia";
import type { Operation } from "./operation.ts";

/** By path (`/leads/{id}`), then by method in small letters. */
export type GeneratedPaths = Record<string, Record<string, Operation>>;

/**
 * What `@elysiajs/swagger` finds in the routes of an app. It is asked for its JSON alone, since its page loads a script from elsewhere,
 * and upstream has given it up for another plugin: nothing else here knows of it.
 */
export async function generatedPaths(app: AnyElysia): Promise<GeneratedPaths> {
  const plugin = swagger({ path: PATH, provider: "swagger-ui", excludeStaticFile: false });
  // Used on the app itself, the plugin would leave two routes of its own there.
  Object.assign(plugin, { getGlobalRoutes: () => app.routes });
  const response = await plugin.handle(new Request(`http://localhost${PATH}/json`));
  const { paths } = (await response.json()) as { paths: GeneratedPaths };
  return paths;
}

const PATH = "/generated";
