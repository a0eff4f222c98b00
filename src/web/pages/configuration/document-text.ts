import { api, type Shapes, taken } from "#web/api/client.ts";
import type { paths } from "#web/api/leadgate.d.ts";

export type WrittenAs = "yaml" | "json";

export type Plan = Answer<"/api/v1/admin/config/plan", "post">;
export type Applied = Answer<"/api/v1/admin/config", "put">;

type Answer<Path extends keyof paths, Method extends string> = paths[Path] extends {
  [Name in Method]: { responses: { 200: { content: { "application/json": { data: infer Data } } } } };
}
  ? Data
  : never;

/** The document in force, as it is written, with its revision. */
export async function readText(form: WrittenAs): Promise<{ text: string; revision: string }> {
  const call = api.GET("/api/v1/admin/config", {
    headers: { accept: `application/${form}` },
    parseAs: "text",
  });
  const { response } = await call;
  const text = await taken(call);
  const revision = (response.headers.get("etag") ?? "").replaceAll('"', "");
  return { text: form === "json" ? JSON.stringify(JSON.parse(text), null, 2) : text, revision };
}

/** What a text would change, without changing it. */
export async function planText(text: string, form: WrittenAs): Promise<Plan> {
  const call = api.POST("/api/v1/admin/config/plan", { ...asText(text), headers: typed(form) });
  return (await taken(call)).data;
}

/** Puts a text in force, if the revision that it was made on still is. */
export async function putInForce(text: string, form: WrittenAs, revision: string): Promise<Applied> {
  const call = api.PUT("/api/v1/admin/config", {
    ...asText(text),
    params: { header: { "if-match": `"${revision}"` } },
    headers: typed(form),
  });
  return (await taken(call)).data;
}

/** A text goes as it is: the server reads YAML and JSON, and says on which line something is wrong. */
function asText(text: string) {
  return { body: text as unknown as Shapes["Configuration"], bodySerializer: () => text };
}

function typed(form: WrittenAs): Record<string, string> {
  return { "content-type": `application/${form}` };
}
