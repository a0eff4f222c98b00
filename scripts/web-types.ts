// `npm run web:types`: src/web/api/leadgate.d.ts, the types of the operators' API for the console's pages, from our own document.
import { existsSync, realpathSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROLES } from "#access/role.ts";
import { COUNTED_ALONE } from "#access/shared-counts.ts";
import { apiDocument } from "#api-docs/openapi/document.ts";
import { generatedPaths } from "#api-docs/openapi/generated.ts";
import { type RouteParts, routeTable } from "#runtime/routes.ts";

const ROOT = join(import.meta.dir, "..");
const TYPES = join(ROOT, "src/web/api/leadgate.d.ts");
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
  await writeTypes();
  console.log(TYPES);
}

/** Whether the types on file were made from the document as it is now. Making them anew would take seven seconds. */
export async function typesAreCurrent(): Promise<boolean> {
  const written = await Bun.file(TYPES).text();
  return written.startsWith(MARK + digestOf(await shapesOfAdmin()));
}

async function writeTypes(): Promise<void> {
  const shapes = await shapesOfAdmin();
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
    await Bun.write(TYPES, `${MARK}${digestOf(shapes)}\n${lean}`);
  } finally {
    await rm(folder, { recursive: true });
  }
  await Bun.spawn([join(ROOT, "node_modules/.bin/biome"), "format", "--write", TYPES], { stdout: "ignore" })
    .exited;
}

/** Beside our packages, also where those are a link to another checkout's. */
function generator(): string {
  const inClient = "tests/api-docs/client/node_modules/openapi-typescript/bin/cli.js";
  const linked = join(realpathSync(join(ROOT, "node_modules")), "..", inClient);
  return existsSync(join(ROOT, inClient)) ? join(ROOT, inClient) : linked;
}

/** What operators call, without words: those may change without a change for a program. All refusals have one shape. */
async function shapesOfAdmin(): Promise<object> {
  const operators = Object.fromEntries(ROLES.map((role) => [role, { asks: "operator", role }]));
  const unused = {
    suppliers: { sharedCounts: COUNTED_ALONE },
    buyers: { sharedCounts: COUNTED_ALONE },
    admin: { operators },
    portal: {},
    login: {},
    metrics: {},
  } as never as RouteParts;
  const routes = routeTable(unused).filter(({ path }) => path.startsWith("/api/v1/admin"));
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
