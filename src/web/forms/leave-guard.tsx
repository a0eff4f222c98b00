import { Button, Group, Modal } from "@mantine/core";
import { useEffect, useState } from "react";
import { visits, wordsOf } from "#web/address/visits.ts";
import { noteUnsaved } from "./unsaved.ts";

/** Goes on to where somebody was going, or not. */
type Answer = (isHeldUp: boolean) => void;

/** Asks before a page is left on which something was written, whichever way it is left. */
export function LeaveGuard({ isChanged }: { isChanged: boolean }) {
  useEffect(() => (isChanged ? noteUnsaved() : undefined), [isChanged]);
  const [answer, setAnswer] = useState<Answer>();
  useEffect(() => {
    if (!isChanged) return undefined;
    return visits.block({
      enableBeforeUnload: true,
      async blockerFn({ currentLocation, nextLocation }) {
        if (formAt(currentLocation) === formAt(nextLocation)) return false;
        const isHeldUp = await new Promise<boolean>((resolve) => setAnswer(() => resolve));
        setAnswer(undefined);
        return isHeldUp;
      },
    });
  }, [isChanged]);
  if (answer === undefined) return null;
  const stay = () => answer(true);
  return (
    <Modal opened onClose={stay} title="Leave without what is here?">
      <div className="stack">
        <p>It would be lost: what you wrote and did not put in force, or a key that is shown this once.</p>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={() => answer(false)}>
            Leave
          </Button>
          <Button onClick={stay} data-autofocus>
            Stay
          </Button>
        </Group>
      </div>
    </Modal>
  );
}

/** Which form an address shows: what else it says, such as filters, leaves the form where it is. */
function formAt({ pathname, search }: typeof visits.location): string {
  const { open, tab, as } = wordsOf(search);
  return JSON.stringify([pathname, open, tab, as]);
}
