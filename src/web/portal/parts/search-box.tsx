import { Button, TextInput } from "@mantine/core";
import IconSearch from "@tabler/icons-react/icons/IconSearch";
import { type FormEvent, useState } from "react";

/** Looks for one lead by its id, or for a person's by phone or e-mail; an empty search shows all again. */
export function SearchBox({ said, search }: { said: string; search(text: string): void }) {
  const [text, setText] = useState(said);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    search(text.trim());
  };
  return (
    <form role="search" className="filters-search line" onSubmit={submit}>
      <TextInput
        size="xs"
        type="search"
        aria-label="Find leads"
        placeholder="Phone, e-mail or lead id"
        leftSection={<IconSearch size={14} />}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          if (event.currentTarget.value === "") search("");
        }}
        style={{ flex: 1 }}
      />
      <Button type="submit" variant="default">
        Find
      </Button>
    </form>
  );
}
