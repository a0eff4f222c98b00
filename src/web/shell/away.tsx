import { Loader } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useState, useSyncExternalStore } from "react";
import { listenToServer, readMissingNodes, watchMissingNodes } from "#web/api/client.ts";
import { refreshLists } from "#web/lists/cursor-list.ts";

const ASKED_EVERY_MS = 2_000;

/**
 * Whether the server is away, as while it is started anew; when it is back, what the page shows is asked for again. `forget` is called when
 * it knows the session no more.
 */
export function useServerWatch(forget: () => void): boolean {
  const [isAway, setAway] = useState(false);
  const queries = useQueryClient();
  const isOver = useEffectEvent(forget);
  useEffect(
    () =>
      listenToServer((event) => {
        if (event === "logged out") isOver();
        else setAway(event === "away");
      }),
    [],
  );
  useEffect(() => {
    if (!isAway) return undefined;
    let timer: ReturnType<typeof setTimeout>;
    let isOver = false;
    // Each question waits for the answer to the one before: a server that starts may hold many up.
    const askLater = () => {
      timer = setTimeout(async () => {
        const isBack = await fetch("/readyz").then(
          ({ ok }) => ok,
          () => false,
        );
        if (isOver) return;
        if (!isBack) return askLater();
        setAway(false);
        await refreshLists(queries, []);
      }, ASKED_EVERY_MS);
    };
    askLater();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [isAway]);
  return isAway;
}

export function AwayNotice() {
  return (
    <div className="away" role="status">
      <Loader size={14} color="currentColor" />
      The server does not answer. It may be starting; this page goes on by itself when it is back.
    </div>
  );
}

/** Says of a database that is spread over nodes which of them nothing is shown of. */
export function MissingNodesNotice() {
  const nodes = useSyncExternalStore(watchMissingNodes, readMissingNodes);
  if (nodes === null) return null;
  return (
    <div className="away" role="status">
      Nothing is shown here of campaigns on the database's node {nodes}, which is away. Their leads are
      answered 503.
    </div>
  );
}
