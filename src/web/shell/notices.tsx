import { useNotifications } from "@mantine/notifications";
import { lazy, Suspense } from "react";
import { loadPart } from "./load-part.ts";

const Notifications = lazy(async () => ({
  default: (await loadPart(() => import("@mantine/notifications"))).Notifications,
}));

/** What was done, said in a corner; what says it is loaded with the first of them. */
export function NoticesOnDemand() {
  const { notifications, queue } = useNotifications();
  const hasAny = notifications.length + queue.length > 0;
  return (
    <Suspense>{hasAny && <Notifications position="bottom-right" autoClose={6000} limit={3} />}</Suspense>
  );
}
