import { Button, Group, Modal } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { Problem } from "./problem.tsx";

export interface Ask {
  title: string;
  /** What will happen. */
  body: ReactNode;
  /** The word on the button. */
  verb: string;
  danger?: boolean;
  isReady?: boolean;
  /** What is shown needs room. */
  isWide?: boolean;
  /** Something is shown when it was done, so it is not closed. */
  staysOpen?: boolean;
  act(): Promise<unknown>;
  close(): void;
}

/** Asks before something is done that cannot be taken back, and says what happened when it was not done. */
export function AskFirst({
  title,
  body,
  verb,
  danger = false,
  isReady = true,
  isWide = false,
  staysOpen = false,
  act,
  close,
}: Ask) {
  const [error, setError] = useState<unknown>();
  const [isActing, setActing] = useState(false);

  async function confirm() {
    setActing(true);
    setError(undefined);
    try {
      await act();
      if (staysOpen) setActing(false);
      else close();
    } catch (problem) {
      setError(problem);
      setActing(false);
    }
  }

  return (
    <Modal opened onClose={close} title={title} size={isWide ? "46rem" : "md"}>
      <div className="stack">
        <div>{body}</div>
        {error !== undefined && <Problem error={error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button
            color={danger ? "red.8" : undefined}
            loading={isActing}
            disabled={!isReady}
            onClick={() => void confirm()}
            data-autofocus
          >
            {verb}
          </Button>
        </Group>
      </div>
    </Modal>
  );
}
