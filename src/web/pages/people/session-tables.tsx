import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Link } from "#web/address/link.tsx";
import { api, taken } from "#web/api/client.ts";
import { ActionsHead } from "#web/lists/actions-head.tsx";
import { AskFirst } from "#web/parts/ask.tsx";
import { Empty } from "#web/parts/empty.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { Ago, Moment } from "#web/times/moment.tsx";

/** The operators who are logged in in browsers. */
export function OperatorSessions() {
  return (
    <SessionTable
      title="Logged in to the console"
      name="operator sessions"
      none="Who calls the API does it by a key."
      read={async () =>
        (await taken(api.GET("/api/v1/admin/sessions"))).data.map(({ person_id, key_id, ...session }) => ({
          ...session,
          who: session.name,
          by: person_id === null ? (key_id === null ? "the key of the settings" : "a key") : "a link",
        }))
      }
      end={(session) =>
        taken(api.DELETE("/api/v1/admin/sessions/{session}", { params: { path: { session } } }))
      }
      again="Who has a good link or key can log in again."
    />
  );
}

/** The suppliers and buyers who are logged in to the portal. */
export function PortalSessions() {
  return (
    <SessionTable
      title="Logged in to the portal"
      name="portal sessions"
      none={
        <>
          A <Link to="/buyers">buyer</Link> or <Link to="/suppliers">supplier</Link> comes in by a link: open
          one, and give it.
        </>
      }
      read={async () =>
        (await taken(api.GET("/api/v1/admin/portal-sessions"))).data.map(
          ({ kind, party_id, email, ...session }) => ({
            ...session,
            who: (
              <Link to={kind === "buyer" ? "/buyers" : "/suppliers"} search={{ open: party_id }}>
                {session.name}
              </Link>
            ),
            by: email ?? "a link that was handed over",
          }),
        )
      }
      end={(session) =>
        taken(api.DELETE("/api/v1/admin/portal-sessions/{session}", { params: { path: { session } } }))
      }
      again="A link that is good still lets in whoever has it: revoke that where it was given."
    />
  );
}

interface Session {
  id: string;
  name: string;
  who: ReactNode;
  by: string;
  created_at: string;
  expires_at: string;
}

interface Shown {
  title: string;
  /** By which what was read is known. */
  name: string;
  /** What is said when there is none. */
  none: ReactNode;
  read(): Promise<Session[]>;
  end(id: string): Promise<unknown>;
  /** How somebody who was logged out comes in again. */
  again: string;
}

function SessionTable({ title, name, none, read, end, again }: Shown) {
  const queries = useQueryClient();
  const [ended, setEnded] = useState<Session>();
  const sessions = useQuery({ queryKey: [name], queryFn: read });
  async function act() {
    await end(ended?.id ?? "");
    await queries.invalidateQueries({ queryKey: [name] });
  }
  return (
    <section className="panel table-scroll" aria-busy={sessions.isPending}>
      <h2>{title}</h2>
      {sessions.error !== null && <Problem error={sessions.error} retry={() => void sessions.refetch()} />}
      {sessions.data?.length === 0 && <Empty title="Nobody is logged in.">{none}</Empty>}
      {sessions.data !== undefined && sessions.data.length > 0 && (
        <table className="table">
          <thead>
            <tr>
              <th>Who</th>
              <th className="extra">By</th>
              <th>Since</th>
              <th className="extra">Ends</th>
              <ActionsHead />
            </tr>
          </thead>
          <tbody>
            {sessions.data.map((session) => (
              <tr key={session.id}>
                <td className="breaks">{session.who}</td>
                <td className="extra">{session.by}</td>
                <td>
                  <Ago at={session.created_at} />
                </td>
                <td className="extra">
                  <Moment at={session.expires_at} />
                </td>
                <td className="num row-actions">
                  <Button
                    variant="default"
                    onClick={() => setEnded(session)}
                    aria-label={`Log out ${session.name}`}
                  >
                    Log out…
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {ended !== undefined && (
        <AskFirst
          title={`Log ${ended.name} out`}
          danger
          verb="Log out"
          act={act}
          close={() => setEnded(undefined)}
          body={`This session ends at once, on every server. ${again}`}
        />
      )}
    </section>
  );
}
