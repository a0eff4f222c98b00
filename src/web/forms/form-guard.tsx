import { Button } from "@mantine/core";
import { useEffect } from "react";
import { LeaveGuard } from "./leave-guard.tsx";

interface Written {
  isChanged: boolean;
  isStale: boolean;
  note(isWritten: boolean): void;
}

/** Looks after what is written in a form: it is not left without asking, and who writes is told when somebody else was quicker. */
export function FormGuard({ isChanged, isStale, note }: Written) {
  useEffect(() => note(isChanged), [isChanged]);
  return (
    <>
      <LeaveGuard isChanged={isChanged} />
      {isStale && (
        <div className="problem" role="status">
          <p>Something else was put in force meanwhile.</p>
          What you wrote was made of what was there before, and cannot be put in force any more: note what you
          want to keep of it.
          <Button variant="default" onClick={() => note(false)}>
            Show what is in force
          </Button>
        </div>
      )}
    </>
  );
}
