import { Select, TextInput } from "@mantine/core";
import IconSearch from "@tabler/icons-react/icons/IconSearch";
import { type FormEvent, useEffect, useState } from "react";
import { useAddress } from "#web/address/here.ts";
import { usePartyIds } from "#web/api/configuration.ts";
import type { paths } from "#web/api/leadgate.d.ts";
import { Narrowing } from "#web/lists/narrowing.tsx";
import { Pick } from "#web/lists/pick.tsx";
import { soughtPerson } from "#web/parts/sought.ts";
import { inWords } from "#web/parts/status.tsx";
import { beginOf, SPAN_CHOICES } from "#web/times/spans.ts";
import { SavedViews } from "./saved-views.tsx";

export type LeadQuery = NonNullable<paths["/api/v1/admin/leads"]["get"]["parameters"]["query"]>;

const NAMES = [
  "id",
  "phone",
  "email",
  "status",
  "campaign",
  "supplier",
  "buyer",
  "source",
  "reason",
  "test",
  "since",
  "until",
] as const;
const STATUSES = ["ACCEPTED", "UNMATCHED", "DUPLICATE", "REJECTED", "RETURNED", "PENDING", "HELD"];

/** What is asked of the API for what the address says. `span` is a time until now. */
export function leadQueryOf(said: Readonly<Record<string, string | undefined>>): LeadQuery {
  const query: Record<string, string> = {};
  for (const name of NAMES) {
    const value = said[name];
    if (value !== undefined && value !== "") query[name] = value;
  }
  const since = beginOf(said["span"]);
  return since === undefined ? query : { ...query, since };
}

/** Search and filters, all of them kept in the address. */
export function LeadFilters() {
  const { said, say } = useAddress();
  const { campaigns, suppliers, buyers } = usePartyIds();
  const sought = said["id"] ?? said["phone"] ?? said["email"] ?? "";
  const [text, setText] = useState(sought);
  const [problem, setProblem] = useState<string>();
  useEffect(() => setText(sought), [sought]);

  function search(event: FormEvent) {
    event.preventDefault();
    const asked = text.trim();
    const person = soughtPerson(asked);
    setProblem(undefined);
    if (/^lead_\w+$/.test(asked)) say({ id: asked, phone: undefined, email: undefined });
    else if (person !== undefined || asked === "")
      say({ id: undefined, phone: undefined, email: undefined, ...person });
    else setProblem("An id (lead_…), a whole phone or a whole e-mail: people are found by hashes.");
  }

  const pick = (name: string, label: string, words: readonly string[]) => (
    <Pick
      label={label}
      words={words}
      picked={said[name]}
      pick={(word) => say({ [name]: word })}
      width={148}
      isSearchable={words.length > 8}
    />
  );
  return (
    <form className="filters" role="search" onSubmit={search}>
      <TextInput
        data-search
        aria-label="Find by id, phone or e-mail"
        placeholder="Id, phone or e-mail"
        leftSection={<IconSearch size={14} />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={(event) => text !== sought && search(event)}
        error={problem}
        className="filters-search"
      />
      {pick("status", "Status", STATUSES)}
      {pick("campaign", "Campaign", campaigns)}
      {pick("supplier", "Supplier", suppliers)}
      {pick("buyer", "Buyer", buyers)}
      <Select
        aria-label="Time"
        placeholder="Any time"
        data={SPAN_CHOICES}
        value={said["span"] ?? null}
        onChange={(value) => say({ span: value ?? undefined, since: undefined, until: undefined })}
        clearable
        w={140}
      />
      <Select
        aria-label="Test leads"
        placeholder="Test or not"
        data={[
          { value: "false", label: "Without test leads" },
          { value: "true", label: "Test leads alone" },
        ]}
        value={said["test"] ?? null}
        onChange={(value) => say({ test: value ?? undefined })}
        clearable
        w={140}
      />
      <SavedViews names={[...NAMES, "span"]} />
      <Narrowings />
      <button type="submit" hidden aria-hidden tabIndex={-1} />
    </form>
  );
}

/** What the address says beside that, each with a way to take it off. */
function Narrowings() {
  const { said, say } = useAddress();
  const { source, reason, since, until } = said;
  const time = [since && `from ${timeText(since)}`, until && `to ${timeText(until)}`]
    .filter(Boolean)
    .join(" ");
  const all = [
    { text: source && `source ${source}`, off: { source: undefined } },
    { text: reason && inWords(reason), off: { reason: undefined } },
    { text: time, off: { since: undefined, until: undefined } },
  ];
  return all.map(({ text, off }) =>
    text === undefined || text === "" ? null : <Narrowing key={text} text={text} takeOff={() => say(off)} />,
  );
}

const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

function timeText(at: string): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? at : moment.format(date);
}
