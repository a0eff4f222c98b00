import { Button, Checkbox } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Shapes, taken } from "#web/api/client.ts";
import { useMay } from "#web/api/session.ts";
import { ActionsHead } from "#web/lists/actions-head.tsx";
import { AskFirst } from "#web/parts/ask.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { MadeOnce, ShownOnce } from "#web/parts/shown-once.tsx";
import { Status } from "#web/parts/status.tsx";
import { Ago, Moment } from "#web/times/moment.tsx";

type PortalLink = Shapes["PortalLink"];

/** Whose portal it is. */
interface OfParty {
  kind: "buyer" | "supplier";
  id: string;
}

/** How a buyer or supplier comes to its portal: the links that were sent or given, a new one, and taking one back. */
export function PortalLinks({ of }: { of: OfParty }) {
  const mayAdmin = useMay("admin");
  const [isGiving, setGiving] = useState(false);
  const [revoked, setRevoked] = useState<PortalLink>();
  const links = useQuery({ queryKey: keyOf(of), queryFn: () => readLinks(of) });
  return (
    <section aria-busy={links.isPending}>
      <h3>Portal</h3>
      {links.error !== null && <Problem error={links.error} />}
      {links.data?.length === 0 && (
        <p className="dim">
          Nobody was given a link to it. Those with an address under <code>portal.email</code> of the
          configuration ask for one at <a href="/portal">/portal</a>.
        </p>
      )}
      {links.data !== undefined && links.data.length > 0 && (
        <table className="table">
          <thead>
            <tr>
              <th>Link</th>
              <th>State</th>
              <th>Last used</th>
              <ActionsHead />
            </tr>
          </thead>
          <tbody>
            {links.data.map((link) => (
              <tr key={link.id}>
                <td>
                  {link.email ?? "handed over"}
                  <div className="dim">
                    {link.once && "good once, "}until <Moment at={link.expires_at} />
                  </div>
                </td>
                <td>
                  <Status word={link.status === "live" ? "active" : "expired"} label={link.status} />
                </td>
                <td>
                  <Ago at={link.used_at} none="never" />
                </td>
                <td className="num">
                  {mayAdmin && link.status !== "revoked" && (
                    <Button variant="default" onClick={() => setRevoked(link)}>
                      Revoke…
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {mayAdmin && (
        <div className="above">
          <Button variant="default" onClick={() => setGiving(true)}>
            Give a link to the portal
          </Button>
        </div>
      )}
      {isGiving && <GiveLink of={of} close={() => setGiving(false)} />}
      {revoked !== undefined && <RevokeLink of={of} link={revoked} close={() => setRevoked(undefined)} />}
    </section>
  );
}

function GiveLink({ of, close }: { of: OfParty; close(): void }) {
  const queries = useQueryClient();
  const [isOnce, setOnce] = useState(false);
  const [url, setUrl] = useState<string>();
  async function act() {
    const body = { once: isOnce };
    const params = { path: pathOf(of) };
    const made = await taken(
      of.kind === "buyer"
        ? api.POST("/api/v1/admin/buyers/{id}/links", { params, body })
        : api.POST("/api/v1/admin/suppliers/{supplier}/links", { params, body }),
    );
    setUrl(made.data.url);
    await queries.invalidateQueries({ queryKey: keyOf(of) });
  }
  if (url !== undefined) {
    return (
      <MadeOnce title={`A link to the ${of.kind}'s portal`} close={close}>
        <ShownOnce name="The link" secret={url} />
      </MadeOnce>
    );
  }
  return (
    <AskFirst
      title={`A link to the ${of.kind}'s portal`}
      verb="Make it"
      staysOpen
      act={act}
      close={close}
      body={
        <div className="stack">
          <p>Whoever has it logs in as this {of.kind}, for a week, until you revoke it.</p>
          <Checkbox
            label="Good for one login alone"
            checked={isOnce}
            onChange={(event) => setOnce(event.currentTarget.checked)}
          />
        </div>
      }
    />
  );
}

function RevokeLink({ of, link, close }: { of: OfParty; link: PortalLink; close(): void }) {
  const queries = useQueryClient();
  async function act() {
    const params = { path: { ...pathOf(of), link: link.id } };
    await taken(
      of.kind === "buyer"
        ? api.DELETE("/api/v1/admin/buyers/{id}/links/{link}", { params })
        : api.DELETE("/api/v1/admin/suppliers/{supplier}/links/{link}", { params }),
    );
    await Promise.all(
      [keyOf(of), ["portal sessions"]].map((queryKey) => queries.invalidateQueries({ queryKey })),
    );
  }
  return (
    <AskFirst
      title="Revoke the link"
      danger
      verb="Revoke it"
      act={act}
      close={close}
      body="It is good no more, and whoever came by it is logged out."
    />
  );
}

function keyOf({ kind, id }: OfParty): readonly string[] {
  return ["portal links", kind, id];
}

/** The party under either name that routes give it. */
function pathOf({ id }: OfParty) {
  return { id, supplier: id };
}

/** The newest first. */
async function readLinks(of: OfParty): Promise<PortalLink[]> {
  const params = { path: pathOf(of) };
  const { data } = await taken(
    of.kind === "buyer"
      ? api.GET("/api/v1/admin/buyers/{id}/links", { params })
      : api.GET("/api/v1/admin/suppliers/{supplier}/links", { params }),
  );
  return data.toReversed().slice(0, 20);
}
