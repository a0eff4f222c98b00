import { Button, Group, Modal } from "@mantine/core";
import { useBlocker } from "@tanstack/react-router";
import { useEffect } from "react";
import { noteUnsaved } from "./unsaved.ts";

interface Place {
  pathname: string;
  search: object;
}

/** Asks before a page is left on which something was written, whichever way it is left. */
export function LeaveGuard({ isChanged }: { isChanged: boolean }) {
  useEffect(() => (isChanged ? noteUnsaved() : undefined), [isChanged]);
  const { status, proceed, reset } = useBlocker({
    disabled: !isChanged,
    enableBeforeUnload: isChanged,
    withResolver: true,
    shouldBlockFn: ({ current, next }) => formAt(current) !== formAt(next),
  });
  if (status !== "blocked") return null;
  return (
    <Modal opened onClose={reset} title="Leave without what is here?">
      <div className="stack">
        <p>It would be lost: what you wrote and did not put in force, or a key that is shown this once.</p>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={proceed}>
            Leave
          </Button>
          <Button onClick={reset} data-autofocus>
            Stay
          </Button>
        </Group>
      </div>
    </Modal>
  );
}

/** Which form an address shows: what else it says, such as filters, leaves the form where it is. */
function formAt({ pathname, search }: Place): string {
  const { open, tab, as } = search as Readonly<Record<string, string | undefined>>;
  return JSON.stringify([pathname, open, tab, as]);
}
