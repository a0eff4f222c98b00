// `npm run web:types`: src/web/api/leadgate.d.ts and src/web/portal/api/portal.d.ts, the types of the API for the pages of the console and
// the portal, from our own document.
import { existsSync, realpathSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROLES } from "#access/role.ts";
import { COUNTED_ALONE } from "#access/shared-counts.ts";
import { apiDocument } from "#api-docs/openapi/document.ts";
import { generatedPaths } from "#api-docs/openapi/generated.ts";
import type { Route } from "#http/route.ts";
import { type RouteParts, routeTable } from "#runtime/routes.ts";

const ROOT = join(import.meta.dir, "..");

/** A file of types, and the routes that are in it. */
const FILES: readonly { path: string; has(route: Route): boolean }[] = [
  {
    path: join(ROOT, "src/web/api/leadgate.d.ts"),
    has: ({ path }) => path.startsWith("/api/v1/admin"),
  },
  {
    path: join(ROOT, "src/web/portal/api/portal.d.ts"),
    has: ({ who, method }) => who.asks === "buyer" || (who.asks === "supplier" && method === "get"),
  },
];
const MARK = "// Written by scripts/web-types.ts from the API's document ";

const WORDS = new Set([
  "description",
  "summary",
  "example",
  "examples",
  "operationId",
  "tags",
  "headers",
  "security",
  "default",
]);

if (import.meta.main) {
  for (const file of FILES) {
    await writeTypes(file);
    console.log(file.path);
  }
}

/** Whether the types on file were made from the document as it is now. Making them anew would take seven seconds. */
export async function typesAreCurrent(): Promise<boolean> {
  for (const { path, has } of FILES) {
    const written = await Bun.file(path).text();
    if (!written.startsWith(MARK + digestOf(await shapesOf(has)))) return false;
  }
  return true;
}

async function writeTypes({ path, has }: (typeof FILES)[number]): Promise<void> {
  const shapes = await shapesOf(has);
  const folder = await mkdtemp(join(tmpdir(), "leadgate-types-"));
  try {
    await Bun.write(join(folder, "api.json"), JSON.stringify(shapes));
    // The generator needs a TypeScript that can be called, which ours cannot any more: the client of the tests has one.
    const made = Bun.spawn(["node", generator(), join(folder, "api.json"), "-o", join(folder, "api.d.ts")], {
      stdout: "ignore",
      stderr: "inherit",
    });
    if ((await made.exited) !== 0) throw new Error("openapi-typescript ended badly, see above");
    const types = await Bun.file(join(folder, "api.d.ts")).text();
    const lean = types.replaceAll(/^ *\w+\?: never;\n/gm, "");
    await Bun.write(path, `${MARK}${digestOf(shapes)}\n${lean}`);
  } finally {
    await rm(folder, { recursive: true });
  }
  await Bun.spawn([join(ROOT, "node_modules/.bin/biome"), "format", "--write", path], { stdout: "ignore" })
    .exited;
}

/** Beside our packages, also where those are a link to another checkout's. */
function generator(): string {
  const inClient = "tests/api-docs/client/node_modules/openapi-typescript/bin/cli.js";
  const linked = join(realpathSync(join(ROOT, "node_modules")), "..", inClient);
  return existsSync(join(ROOT, inClient)) ? join(ROOT, inClient) : linked;
}

/** What is called by some of the callers, without words: those may change without a change for a program. All refusals have one shape. */
async function shapesOf(has: (route: Route) => boolean): Promise<object> {
  const operators = Object.fromEntries(ROLES.map((role) => [role, { asks: "operator", role }]));
  const unused = {
    suppliers: { sharedCounts: COUNTED_ALONE },
    buyers: { sharedCounts: COUNTED_ALONE },
    admin: { operators },
    portal: {},
    login: {},
    metrics: {},
  } as never as RouteParts;
  const routes = routeTable(unused).filter((route) => route.words !== undefined && has(route));
  const document = apiDocument(await generatedPaths(routes), routes, "");
  const { paths, components } = withoutWords(document) as Pick<typeof document, "paths" | "components">;
  return {
    openapi: "3.1.0",
    info: { title: "Leadgate", version: "" },
    paths,
    components: { schemas: components.schemas },
  };
}

/** Names of properties and schemas are no words. */
function withoutWords(value: unknown, isNames = false): unknown {
  if (Array.isArray(value)) return value.map((each) => withoutWords(each));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => isNames || !(WORDS.has(name) || /^x-|^[45]\d\d$/.test(name)))
      .map(([name, each]) => [name, withoutWords(each, name === "properties" || name === "schemas")]),
  );
}

function digestOf(shapes: object): string {
  return new Bun.CryptoHasher("sha256").update(JSON.stringify(shapes)).digest("hex").slice(0, 16);
}
