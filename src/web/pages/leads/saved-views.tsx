import { ActionIcon, Button, Group, Menu, Modal, TextInput } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import IconBookmark from "@tabler/icons-react/icons/IconBookmark";
import { type FormEvent, useState } from "react";
import { useAddress } from "#web/address/here.ts";

const USUAL: Readonly<Record<string, string>> = {
  "Put aside, to decide": "status=HELD",
  "Unmatched today": "status=UNMATCHED&span=24h",
  "Rejected today": "status=REJECTED&span=24h",
  "Returned this month": "status=RETURNED&span=30d",
};

/** Filters by a name, kept in this browser. `names` are the words of the address that are filters. */
export function SavedViews({ names }: { names: readonly string[] }) {
  const { said, say } = useAddress();
  const [saved, setSaved] = useLocalStorage<Record<string, string>>({
    key: "leadgate-lead-views",
    defaultValue: {},
  });
  const [isNaming, setNaming] = useState(false);
  const everything = Object.fromEntries(names.map((name) => [name, undefined]));
  const current = new URLSearchParams(
    names.flatMap((name) => (said[name] === undefined ? [] : [[name, said[name]]])),
  ).toString();
  const isSaved = Object.values(saved).includes(current);

  const item = ([name, view]: [string, string]) => (
    <Menu.Item
      key={name}
      onClick={() => say({ ...everything, ...Object.fromEntries(new URLSearchParams(view)) })}
    >
      {name}
    </Menu.Item>
  );
  return (
    <>
      <Menu position="bottom-end" shadow="md">
        <Menu.Target>
          <ActionIcon variant="default" size={30} aria-label="Saved views">
            <IconBookmark size={15} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {Object.entries(USUAL).map(item)}
          {Object.keys(saved).length > 0 && <Menu.Divider />}
          {Object.entries(saved).map(item)}
          {current !== "" && <Menu.Divider />}
          {current !== "" && !isSaved && (
            <Menu.Item onClick={() => setNaming(true)}>Save this view…</Menu.Item>
          )}
          {isSaved && (
            <Menu.Item
              color="red.8"
              onClick={() =>
                setSaved(Object.fromEntries(Object.entries(saved).filter(([, view]) => view !== current)))
              }
            >
              Forget this view
            </Menu.Item>
          )}
          {current !== "" && <Menu.Item onClick={() => say(everything)}>Clear all filters</Menu.Item>}
        </Menu.Dropdown>
      </Menu>
      {isNaming && (
        <NameView save={(name) => setSaved({ ...saved, [name]: current })} close={() => setNaming(false)} />
      )}
    </>
  );
}

function NameView({ save, close }: { save(name: string): void; close(): void }) {
  const [text, setText] = useState("");
  const name = text.trim();
  function submit(event: FormEvent) {
    event.preventDefault();
    save(name);
    close();
  }
  return (
    <Modal opened onClose={close} title="Save this view">
      <form onSubmit={submit} className="stack">
        <TextInput
          label="Name"
          description="The filters are kept by it, in this browser. A view of the same name is replaced."
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          data-autofocus
        />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" disabled={name === ""}>
            Save
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
