import { Modal } from "@mantine/core";
import { PLACES } from "./places.ts";

const KEYS = [
  ["⌘ K, Ctrl K", "Find a page, a name, a lead, an action"],
  ["/", "Into the page's search"],
  ["j, k", "Down and up a list; beside an open row, to the next one"],
  ["Enter", "Open the row"],
  ["Esc", "Close what is open, leave a field"],
  ["Ctrl Enter", "Plan what is being written"],
  ["?", "This"],
] as const;

/** What the keyboard does. */
export function KeysHelp({ close }: { close(): void }) {
  return (
    <Modal opened onClose={close} title="Keys" size="34rem">
      <div className="halves">
        <dl className="keys">
          {KEYS.map(([key, what]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
        <dl className="keys">
          {PLACES.map(({ key, label }) => (
            <div key={key}>
              <dt>
                <kbd>g {key}</kbd>
              </dt>
              <dd>{label}</dd>
            </div>
          ))}
        </dl>
      </div>
    </Modal>
  );
}
