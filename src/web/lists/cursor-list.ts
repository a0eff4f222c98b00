import { type InfiniteData, type QueryClient, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo } from "react";

interface Page<Row> {
  data: Row[];
  next_cursor: string | null;
}

interface Asked<Row> {
  /** What is asked: its name, and how it is narrowed. */
  key: readonly unknown[];
  ask(cursor: string | undefined, signal: AbortSignal): Promise<Page<Row>>;
}

/** When a list is asked for anew, so many of its pages are: to ask for hundreds one after the other would take a minute. */
const PAGES_KEPT = 2;

/** A list of any length, asked for page by page as the end comes near. What was read stays until it is refreshed. */
export function useCursorList<Row>({ key, ask }: Asked<Row>) {
  const queries = useQueryClient();
  const list = useInfiniteQuery({
    queryKey: key,
    staleTime: 60_000,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    // Comparing 100,000 rows each time that a page comes would take longer than drawing them.
    structuralSharing: false,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => ask(pageParam, signal),
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
    placeholderData: (before) => before,
  });
  const name = JSON.stringify(key);
  useEffect(() => () => shorten(queries, key), [name]);
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  const rows = useMemo(() => data?.pages.flatMap((page) => page.data) ?? [], [data]);
  const next = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage();
  }, [isFetchingNextPage, fetchNextPage]);
  return {
    rows,
    /** Asks for the next page; undefined: that is all. */
    more: hasNextPage ? next : undefined,
    isLoaded: data !== undefined,
    isAsking: list.isFetching,
    error: list.error,
    refresh: useCallback(() => void refreshLists(queries, key), [queries, name]),
  };
}

/** Asks anew for the beginnings of all lists whose keys begin so. */
export async function refreshLists(queries: QueryClient, key: readonly unknown[]): Promise<void> {
  shorten(queries, key);
  await queries.invalidateQueries({ queryKey: key });
}

function shorten(queries: QueryClient, key: readonly unknown[]): void {
  // Other questions may be among them, and the answer to one, such as who is logged in, may be null.
  queries.setQueriesData<InfiniteData<unknown> | null>({ queryKey: key }, (list) =>
    !Array.isArray(list?.pages) || list.pages.length <= PAGES_KEPT
      ? list
      : { pages: list.pages.slice(0, PAGES_KEPT), pageParams: list.pageParams.slice(0, PAGES_KEPT) },
  );
}

/** Shows a row as it is now in all lists of a name, which stay where they are scrolled to. */
export function replaceRow<Row extends { id: string }>(queries: QueryClient, name: string, row: Row): void {
  queries.setQueriesData<InfiniteData<Page<Row>>>({ queryKey: [name] }, (list) => {
    const place = list?.pages.findIndex(({ data }) => data.some(({ id }) => id === row.id)) ?? -1;
    if (list === undefined || place === -1) return list;
    const pages = list.pages.map((page, index) =>
      index === place ? { ...page, data: page.data.map((each) => (each.id === row.id ? row : each)) } : page,
    );
    return { ...list, pages };
  });
}
