import { Button, Select, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Shapes, taken } from "#web/api/client.ts";
import { type Role, useMay, useSession } from "#web/api/session.ts";
import { ActionsHead } from "#web/lists/actions-head.tsx";
import { ROLES } from "#web/pages/people/roles.ts";
import { AskFirst } from "#web/parts/ask.tsx";
import { Empty } from "#web/parts/empty.tsx";
import { PageHead } from "#web/parts/page-head.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { MadeOnce, ShownOnce } from "#web/parts/shown-once.tsx";
import { Status } from "#web/parts/status.tsx";
import { Ago, Moment } from "#web/times/moment.tsx";

type Key = Shapes["OperatorKey"];

/** Who may call the operators' API and log in here. */
export function KeysPage() {
  const mayAdmin = useMay("admin");
  const [isMaking, setMaking] = useState(false);
  const keys = useQuery({
    queryKey: ["operator keys"],
    enabled: mayAdmin,
    queryFn: async () => (await taken(api.GET("/api/v1/admin/operator-keys"))).data,
  });
  return (
    <section>
      <PageHead
        title="Operator keys"
        about="One for each program, with a role; each is shown once. People come in by e-mail."
      >
        {mayAdmin && <Button onClick={() => setMaking(true)}>Make a key</Button>}
      </PageHead>
      {!mayAdmin && (
        <Empty title="Your key may not see the others.">Keys are for those with the role admin.</Empty>
      )}
      {keys.error !== null && <Problem error={keys.error} retry={() => void keys.refetch()} />}
      {keys.data?.length === 0 && (
        <Empty title="There is only the key of the settings.">
          Make one for yourself and keep that for emergencies: then the history names you.
        </Empty>
      )}
      {keys.data !== undefined && keys.data.length > 0 && <KeyTable keys={keys.data} />}
      {isMaking && <MakeKey close={() => setMaking(false)} />}
    </section>
  );
}

function KeyTable({ keys }: { keys: readonly Key[] }) {
  const session = useSession();
  const [revoked, setRevoked] = useState<Key>();
  return (
    <div className="panel table-scroll">
      <table className="table">
        <thead>
          <tr>
            <th>Name</th>
            <th className="extra">Role</th>
            <th>State</th>
            <th className="extra">Begins with</th>
            <th className="extra">Last used</th>
            <th className="extra">Expires</th>
            <ActionsHead />
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <tr key={key.id}>
              <td className="breaks">
                {key.name}
                {key.id === session?.key_id && <span className="tag">yours</span>}
                <div className="narrow-only dim">{key.role}</div>
              </td>
              <td className="extra">{key.role}</td>
              <td>
                <Status word={key.status === "live" ? "active" : key.status} label={key.status} />
              </td>
              <td className="extra">
                <code>{key.prefix}…</code>
              </td>
              <td className="extra">
                <Ago at={key.last_used_at} none="never" />
              </td>
              <td className="extra">
                <Moment at={key.expires_at} none="never" />
              </td>
              <td className="num">
                {key.status === "live" && (
                  <Button variant="default" onClick={() => setRevoked(key)} aria-label={`Revoke ${key.name}`}>
                    Revoke…
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {revoked !== undefined && <RevokeKey of={revoked} close={() => setRevoked(undefined)} />}
    </div>
  );
}

function RevokeKey({ of, close }: { of: Key; close(): void }) {
  const queries = useQueryClient();
  const session = useSession();
  async function act() {
    await taken(api.DELETE("/api/v1/admin/operator-keys/{key}", { params: { path: { key: of.id } } }));
    await queries.invalidateQueries({ queryKey: ["operator keys"] });
  }
  const isOwn = of.id === session?.key_id;
  return (
    <AskFirst
      title={`Revoke the key “${of.name}”`}
      danger
      verb="Revoke it"
      act={act}
      close={close}
      body={`It is refused on every server at once, and sessions that it opened end${isOwn ? ": this one too" : ""}.`}
    />
  );
}

function MakeKey({ close }: { close(): void }) {
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("operate");
  const [expires, setExpires] = useState("");
  const [made, setMade] = useState<string>();
  async function act() {
    const expires_at = expires === "" ? null : new Date(`${expires}T23:59:59`).toISOString();
    const body = { name: name.trim(), role, expires_at };
    setMade((await taken(api.POST("/api/v1/admin/operator-keys", { body }))).data.key);
    await queries.invalidateQueries({ queryKey: ["operator keys"] });
  }
  if (made !== undefined) {
    return (
      <MadeOnce title="The new key" close={close}>
        <ShownOnce name={`The key “${name.trim()}”`} secret={made} />
      </MadeOnce>
    );
  }
  return (
    <AskFirst
      title="Make an operator's key"
      verb="Make it"
      isReady={name.trim() !== ""}
      staysOpen
      act={act}
      close={close}
      body={
        <div className="stack">
          <TextInput
            label="Name"
            placeholder="Ada, or what it is for"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            maxLength={200}
          />
          <Select
            label="Role"
            data={ROLES}
            value={role}
            onChange={(value) => setRole(value ?? role)}
            allowDeselect={false}
          />
          <TextInput
            type="date"
            label="Last day"
            description="Without one it does not expire"
            value={expires}
            onChange={(event) => setExpires(event.currentTarget.value)}
          />
        </div>
      }
    />
  );
}
