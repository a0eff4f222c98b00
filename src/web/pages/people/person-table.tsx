import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Shapes, taken } from "#web/api/client.ts";
import { useSession } from "#web/api/session.ts";
import { ActionsHead } from "#web/lists/actions-head.tsx";
import { Empty } from "#web/parts/empty.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { Ago } from "#web/times/moment.tsx";
import { PasskeysOf } from "./passkeys-of.tsx";
import { ChangePerson, RemovePerson } from "./person-forms.tsx";

type Person = Shapes["Person"];
type Doing = { what: "change" | "remove" | "passkeys"; person: Person };

/** Those who are operators, with what they may do and come in by. */
export function PersonTable() {
  const people = useQuery({
    queryKey: ["people"],
    queryFn: async () => (await taken(api.GET("/api/v1/admin/people"))).data,
  });
  const [doing, setDoing] = useState<Doing>();
  const close = () => setDoing(undefined);
  return (
    <section className="panel table-scroll" aria-busy={people.isPending}>
      <h2>Operators</h2>
      {people.error !== null && <Problem error={people.error} retry={() => void people.refetch()} />}
      {people.data?.length === 0 && (
        <Empty title="Nobody yet: operators come in by keys alone.">
          Add a person, and the history names who did what; a link in an e-mail is all that is needed to log
          in.
        </Empty>
      )}
      {people.data !== undefined && people.data.length > 0 && (
        <table className="table">
          <thead>
            <tr>
              <th>Name</th>
              <th className="extra">Role</th>
              <th className="num">Passkeys</th>
              <th className="extra">Last login</th>
              <ActionsHead />
            </tr>
          </thead>
          <tbody>
            {people.data.map((person) => (
              <PersonRow key={person.id} person={person} act={(what) => setDoing({ what, person })} />
            ))}
          </tbody>
        </table>
      )}
      {doing?.what === "change" && <ChangePerson person={doing.person} close={close} />}
      {doing?.what === "remove" && <RemovePerson person={doing.person} close={close} />}
      {doing?.what === "passkeys" && <PasskeysOf person={doing.person} close={close} />}
    </section>
  );
}

function PersonRow({ person, act }: { person: Person; act(what: Doing["what"]): void }) {
  const session = useSession();
  const { name, email, role, passkeys } = person;
  return (
    <tr>
      <td className="breaks">
        {name}
        {person.id === session?.person_id && <span className="tag">you</span>}
        <div className="dim">
          {email}
          <span className="narrow-only"> · {role}</span>
        </div>
      </td>
      <td className="extra">{role}</td>
      <td className="num">
        {passkeys === 0 ? (
          <span className="dim">none</span>
        ) : (
          <button type="button" className="as-link" onClick={() => act("passkeys")}>
            {passkeys}
          </button>
        )}
      </td>
      <td className="extra">
        <Ago at={person.last_login_at} none="never" />
      </td>
      <td className="num row-actions">
        <Button variant="default" onClick={() => act("change")} aria-label={`Change ${name}`}>
          Change…
        </Button>
        <Button variant="default" onClick={() => act("remove")} aria-label={`Remove ${name}`}>
          Remove…
        </Button>
      </td>
    </tr>
  );
}
