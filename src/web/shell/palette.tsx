import { useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import {
  Spotlight,
  type SpotlightActionData,
  type SpotlightActionGroupData,
  type SpotlightStore,
} from "@mantine/spotlight";
import IconSearch from "@tabler/icons-react/icons/IconSearch";
import { useState } from "react";
import { goTo, type PagePath, type Words } from "#web/address/visits.ts";
import { useConfiguration } from "#web/api/configuration.ts";
import { useLogin } from "#web/api/session.ts";
import { soughtPerson } from "#web/parts/sought.ts";
import { PLACES } from "./places.ts";

/** ⌘K: goes anywhere, and finds leads by id, phone or e-mail, parties and campaigns by name. */
export function Palette({ store }: { store: SpotlightStore }) {
  const { data } = useConfiguration();
  const [asked, setAsked] = useState("");
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme("light");
  const { logOut } = useLogin();

  const act = (label: string, onClick: () => void): SpotlightActionData => ({
    id: `do ${label}`,
    label,
    onClick,
  });
  const actions = [
    act("Leads that found no buyer today", () => goTo("/leads", { status: "UNMATCHED", span: "24h" })),
    act("Leads that were put aside, to decide", () => goTo("/leads", { status: "HELD" })),
    act("Deliveries that failed", () => goTo("/deliveries", { state: "dead" })),
    act("Returns to decide", () => goTo("/returns")),
    act("Profit of this month by campaign", () => goTo("/profit", { period: "month", group: "campaign" })),
    act("Invoices that are overdue", () => goTo("/invoices", { status: "overdue" })),
    act(`Turn ${scheme === "dark" ? "light" : "dark"}`, () =>
      setColorScheme(scheme === "dark" ? "light" : "dark"),
    ),
    act("Log out", () => void logOut()),
  ];
  const parties = (group: string, to: PagePath, list: readonly { id: string; name?: string }[] = []) => ({
    group,
    actions: list.map(
      ({ id, name }): SpotlightActionData => ({
        id: `${group} ${id}`,
        label: name ?? id,
        description: id,
        onClick: () => goTo(to, { open: id }),
      }),
    ),
  });
  const groups: SpotlightActionGroupData[] = [
    ...found(asked),
    {
      group: "Go to",
      actions: PLACES.map(({ to, label, about, icon: Icon, key }) => ({
        id: to,
        label,
        description: about,
        leftSection: <Icon size={18} stroke={1.7} />,
        rightSection: <kbd>g {key}</kbd>,
        onClick: () => goTo(to),
      })),
    },
    { group: "Do", actions },
    parties("Buyers", "/buyers", data?.buyers),
    parties("Suppliers", "/suppliers", data?.suppliers),
    parties("Campaigns", "/campaigns", data?.campaigns),
  ].filter(({ actions }) => actions.length > 0);
  return (
    <Spotlight
      store={store}
      actions={groups}
      query={asked}
      onQueryChange={setAsked}
      shortcut={null}
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
function found(asked: string): SpotlightActionGroupData[] {
  const text = asked.trim();
  const actions: SpotlightActionData[] = [];
  const offer = (label: string, to: PagePath, words: Words) =>
    actions.push({ id: label, label, keywords: text, onClick: () => goTo(to, words) });
  if (/^lead_\w{20,}$/.test(text)) offer(`Open lead ${text}`, "/leads", { open: text });
  if (/^delivery_\w{20,}$/.test(text)) offer(`Open delivery ${text}`, "/deliveries", { open: text });
  if (/^\d{1,9}$/.test(text)) offer(`Open invoice ${text}`, "/invoice", { number: text });
  const person = soughtPerson(text);
  if (person !== undefined) {
    offer(`Leads of ${text}`, "/leads", person);
    offer(`Is ${text} suppressed?`, "/suppression", { person: text });
  }
  return actions.length === 0 ? [] : [{ group: "Found", actions }];
}
