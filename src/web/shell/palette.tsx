import { Spotlight, type SpotlightActionData, type SpotlightActionGroupData } from "@mantine/spotlight";
import IconSearch from "@tabler/icons-react/icons/IconSearch";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useConfiguration } from "#web/api/configuration.ts";
import { soughtPerson } from "#web/parts/sought.ts";
import { PLACES } from "./places.ts";

/** ⌘K: goes anywhere, and finds leads by id, phone or e-mail, parties and campaigns by name. */
export function Palette() {
  const navigate = useNavigate();
  const { data } = useConfiguration();
  const [asked, setAsked] = useState("");
  const go = (to: string, search: Record<string, string> = {}) => void navigate({ to, search } as never);

  const parties = (group: string, to: string, list: readonly { id: string; name?: string }[] = []) => ({
    group,
    actions: list.map(
      ({ id, name }): SpotlightActionData => ({
        id: `${group} ${id}`,
        label: name ?? id,
        description: id,
        onClick: () => go(to, { open: id }),
      }),
    ),
  });
  const groups: SpotlightActionGroupData[] = [
    ...found(asked, go),
    {
      group: "Go to",
      actions: PLACES.map(({ to, label, about, icon: Icon, key }) => ({
        id: to,
        label,
        description: about,
        leftSection: <Icon size={18} stroke={1.7} />,
        rightSection: <kbd>g {key}</kbd>,
        onClick: () => go(to),
      })),
    },
    parties("Buyers", "/buyers", data?.buyers),
    parties("Suppliers", "/suppliers", data?.suppliers),
    parties("Campaigns", "/campaigns", data?.campaigns),
  ].filter(({ actions }) => actions.length > 0);
  return (
    <Spotlight
      actions={groups}
      query={asked}
      onQueryChange={setAsked}
      shortcut="mod + K"
      tagsToIgnore={[]}
      highlightQuery
      scrollable
      maxHeight={420}
      limit={12}
      nothingFound="Nothing is called that. Type an id, a phone, an e-mail or a name."
      searchProps={{
        leftSection: <IconSearch size={18} />,
        placeholder: "A page, a name, or a lead by id, phone or e-mail",
        "aria-label": "Search everything",
      }}
    />
  );
}

/** What a text finds by what it looks like. */
function found(
  asked: string,
  go: (to: string, search: Record<string, string>) => void,
): SpotlightActionGroupData[] {
  const text = asked.trim();
  const actions: SpotlightActionData[] = [];
  const offer = (label: string, to: string, search: Record<string, string>) =>
    actions.push({ id: label, label, keywords: text, onClick: () => go(to, search) });
  if (/^lead_\w{20,}$/.test(text)) offer(`Open lead ${text}`, "/leads", { open: text });
  if (/^delivery_\w{20,}$/.test(text)) offer(`Open delivery ${text}`, "/deliveries", { open: text });
  const person = soughtPerson(text);
  if (person !== undefined) offer(`Leads of ${text}`, "/leads", person);
  return actions.length === 0 ? [] : [{ group: "Found", actions }];
}
