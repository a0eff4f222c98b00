import { afterEach, expect, mock, test } from "bun:test";
import { fetchWatched, listenToServer, readMissingNodes, watchMissingNodes } from "#web/api/client.ts";

const { fetch } = globalThis;
afterEach(() => {
  globalThis.fetch = fetch;
});

async function answered(path: string, status: number, missing?: string): Promise<void> {
  const headers = missing === undefined ? {} : { "leadgate-missing-nodes": missing };
  globalThis.fetch = Object.assign(async () => new Response("{}", { status, headers }), fetch);
  await fetchWatched(new Request(`http://localhost${path}`));
}

test("the pages know which nodes an answer to an operator was without, and that the server itself is not away", async () => {
  const changed = mock();
  const heard: string[] = [];
  const stop = [watchMissingNodes(changed), listenToServer((event) => heard.push(event))];
  await answered("/api/v1/admin/leads", 200, "10.0.0.2:5432");
  await answered("/api/v1/admin/leads/17", 503, "10.0.0.2:5432");
  await answered("/api/v1/session", 200);
  expect([readMissingNodes(), changed.mock.calls.length]).toEqual(["10.0.0.2:5432", 1]);
  await answered("/api/v1/admin/leads", 200);
  expect([readMissingNodes(), changed.mock.calls.length]).toEqual([null, 2]);
  await answered("/api/v1/admin/leads", 503);
  expect(heard).toEqual(["answers", "answers", "answers", "answers", "away"]);
  for (const each of stop) each();
});
