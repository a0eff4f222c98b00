import { describe, expect, test } from "bun:test";
import { type InfiniteData, QueryClient } from "@tanstack/react-query";
import { refreshLists, replaceRow } from "#web/lists/cursor-list.ts";

interface Lead {
  id: string;
  status: string;
}
type Pages = InfiniteData<{ data: Lead[]; next_cursor: string | null }>;

const KEY = ["leads", { status: "HELD" }];

/** A list of which so many pages of two leads were read. */
function aList(pages: number): QueryClient {
  const queries = new QueryClient();
  const data = (page: number) => [1, 2].map((place) => ({ id: `lead_${page}_${place}`, status: "HELD" }));
  queries.setQueryData<Pages>(KEY, {
    pages: Array.from({ length: pages }, (_, page) => ({ data: data(page), next_cursor: `after ${page}` })),
    pageParams: Array.from({ length: pages }, (_, page) => (page === 0 ? undefined : `after ${page - 1}`)),
  });
  return queries;
}

describe("a list that is read page by page", () => {
  test("shows a row as it is now, and leaves all other pages as they are", () => {
    const queries = aList(5);
    const before = queries.getQueryData<Pages>(KEY);
    replaceRow<Lead>(queries, "leads", { id: "lead_3_2", status: "ACCEPTED" });
    replaceRow<Lead>(queries, "leads", { id: "lead_of_elsewhere", status: "ACCEPTED" });
    const after = queries.getQueryData<Pages>(KEY);
    expect(after?.pages[3]?.data.map(({ status }) => status)).toEqual(["HELD", "ACCEPTED"]);
    expect(after?.pages.map((page, place) => page === before?.pages[place])).toEqual([
      true,
      true,
      true,
      false,
      true,
    ]);
  });

  test("is asked for anew from its beginning, however far it was read", async () => {
    const queries = aList(500);
    await refreshLists(queries, ["leads"]);
    const after = queries.getQueryData<Pages>(KEY);
    expect(after?.pages.length).toBe(2);
    expect(after?.pageParams).toEqual([undefined, "after 0"]);
    expect(queries.getQueryState(KEY)?.isInvalidated).toBe(true);
  });

  test("is asked for anew beside a question whose answer was that there is nothing", async () => {
    const queries = aList(5);
    queries.setQueryData(["session"], null);
    await refreshLists(queries, []);
    expect(queries.getQueryData<Pages>(KEY)?.pages.length).toBe(2);
    expect(queries.getQueryData<null>(["session"])).toBeNull();
    expect(queries.getQueryState(["session"])?.isInvalidated).toBe(true);
  });
});
