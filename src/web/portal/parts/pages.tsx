import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";

interface Page<Row> {
  data: Row[];
  next_cursor: string | null;
}

/** A list that is read page by page; `ask` gets the cursor of the next. */
export function usePages<Row>(
  key: readonly unknown[],
  ask: (cursor: string | undefined) => Promise<Page<Row>>,
) {
  const query = useInfiniteQuery({
    queryKey: key,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => ask(pageParam),
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
  });
  return { ...query, rows: query.data?.pages.flatMap(({ data }) => data) };
}

/** Asks for the next page of a list, where there is one. */
export function More({
  list,
}: {
  list: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage(): Promise<unknown> };
}) {
  if (!list.hasNextPage) return null;
  return (
    <div className="more">
      <Button variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
        Show more
      </Button>
    </div>
  );
}
