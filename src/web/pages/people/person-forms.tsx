import { Checkbox, Select, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Shapes, taken } from "#web/api/client.ts";
import { type Role, useSendsLinks, useSession } from "#web/api/session.ts";
import { AskFirst } from "#web/parts/ask.tsx";
import { ROLES } from "./roles.ts";

type Person = Shapes["Person"];

/** Makes somebody an operator, and sends the first link. */
export function AddPerson({ close }: { close(): void }) {
  const queries = useQueryClient();
  const sendsLinks = useSendsLinks();
  const [email, setEmail] = useState("");
  const [isInvited, setInvited] = useState(true);
  const [who, setWho] = useState<Who>({ name: "", role: "operate" });
  async function act() {
    const body = { ...who, email: email.trim(), invite: isInvited && sendsLinks === true };
    await taken(api.POST("/api/v1/admin/people", { body }));
    await queries.invalidateQueries({ queryKey: ["people"] });
  }
  return (
    <AskFirst
      title="Add a person"
      verb={isInvited && sendsLinks === true ? "Add and invite" : "Add"}
      isReady={email.includes("@") && who.name.trim() !== ""}
      act={act}
      close={close}
      body={
        <div className="stack">
          <TextInput
            type="email"
            label="E-mail"
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
            maxLength={254}
            data-autofocus
          />
          <WhoFields who={who} change={setWho} />
          <Checkbox
            label="Send a link to log in now"
            description={
              sendsLinks === false
                ? "This server sends no e-mail: it needs SMTP_URL and LEADGATE_PUBLIC_URL."
                : "Good once, for three days. Later ones are asked for at the login."
            }
            checked={isInvited && sendsLinks === true}
            disabled={sendsLinks !== true}
            onChange={(event) => setInvited(event.currentTarget.checked)}
          />
        </div>
      }
    />
  );
}

/** Another name or role, in force with the person's next request. */
export function ChangePerson({ person, close }: { person: Person; close(): void }) {
  const queries = useQueryClient();
  const session = useSession();
  const [who, setWho] = useState<Who>({ name: person.name, role: person.role });
  async function act() {
    const params = { path: { person: person.id } };
    await taken(api.PATCH("/api/v1/admin/people/{person}", { params, body: who }));
    await queries.invalidateQueries({ queryKey: ["people"] });
    if (person.id === session?.person_id) await queries.invalidateQueries({ queryKey: ["session"] });
  }
  return (
    <AskFirst
      title={`Change ${person.name}`}
      verb="Change"
      isReady={who.name.trim() !== "" && (who.name !== person.name || who.role !== person.role)}
      act={act}
      close={close}
      body={
        <div className="stack">
          <WhoFields who={who} change={setWho} />
          {person.id === session?.person_id && who.role !== "admin" && (
            <p className="dim">This is you: you will not see this page any more.</p>
          )}
        </div>
      }
    />
  );
}

/** Ends that somebody is an operator. */
export function RemovePerson({ person, close }: { person: Person; close(): void }) {
  const queries = useQueryClient();
  async function act() {
    await taken(api.DELETE("/api/v1/admin/people/{person}", { params: { path: { person: person.id } } }));
    await Promise.all(
      ["people", "operator sessions"].map((name) => queries.invalidateQueries({ queryKey: [name] })),
    );
  }
  return (
    <AskFirst
      title={`Remove ${person.name}`}
      danger
      verb="Remove"
      act={act}
      close={close}
      body={`${person.email} is logged out everywhere at once, and links that were sent are good no more. The history keeps the name.`}
    />
  );
}

interface Who {
  name: string;
  role: Role;
}

function WhoFields({ who, change }: { who: Who; change(who: Who): void }) {
  return (
    <>
      <TextInput
        label="Name"
        description="As the history names the person"
        value={who.name}
        onChange={(event) => change({ ...who, name: event.currentTarget.value })}
        maxLength={200}
      />
      <Select
        label="Role"
        data={ROLES}
        value={who.role}
        onChange={(role) => change({ ...who, role: role ?? who.role })}
        allowDeselect={false}
      />
    </>
  );
}
