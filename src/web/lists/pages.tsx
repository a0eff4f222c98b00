import { Button } from "@mantine/core";
import { type UseInfiniteQueryResult, useInfiniteQuery } from "@tanstack/react-query";

interface Page<Row> {
  data: Row[];
  next_cursor: string | null;
}

interface Asked<Row> {
  /** What is asked: its name, and how it is narrowed. */
  key: readonly unknown[];
  ask(cursor: string | undefined): Promise<Page<Row>>;
  /** How often all that was read is asked for anew, in ms; undefined: not by itself. */
  refetchInterval?: number;
}

/** A short list, of which a further page is asked for by a button: `More`. `rows` is undefined until the first page is there. */
export function usePages<Row>({ key, ask, refetchInterval }: Asked<Row>) {
  const {
    data: read,
    error,
    refetch,
    hasNextPage,
    isFetchingNextPage,
    fetchNextPage,
  } = useInfiniteQuery({
    queryKey: key,
    refetchInterval,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => ask(pageParam),
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
  });
  const rows = read?.pages.flatMap(({ data }) => data);
  return { rows, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage };
}

interface Further {
  list: Pick<UseInfiniteQueryResult, "hasNextPage" | "isFetchingNextPage" | "fetchNextPage">;
  /** What is said on the button. */
  verb?: string;
  className?: string;
}

/** Asks for the next page of a list, where there is one. */
export function More({ list, verb = "Show more", className }: Further) {
  if (!list.hasNextPage) return null;
  return (
    <div className={className}>
      <Button variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
        {verb}
      </Button>
    </div>
  );
}
