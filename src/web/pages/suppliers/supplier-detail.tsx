import { Button, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "#web/address/link.tsx";
import { api, type Shapes, taken } from "#web/api/client.ts";
import { type InForce, useConfiguration } from "#web/api/configuration.ts";
import { useMay } from "#web/api/session.ts";
import { CapUse } from "#web/caps/cap-use.tsx";
import { CampaignLinks } from "#web/pages/campaigns/campaign-links.tsx";
import { PortalLinks } from "#web/pages/people/portal-links.tsx";
import { AskFirst } from "#web/parts/ask.tsx";
import { Empty } from "#web/parts/empty.tsx";
import { Facts } from "#web/parts/facts.tsx";
import { countText } from "#web/parts/money.tsx";
import { PageLink } from "#web/parts/page-link.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { MadeOnce, ShownOnce } from "#web/parts/shown-once.tsx";
import { Status } from "#web/parts/status.tsx";
import { Ago, Moment } from "#web/times/moment.tsx";
import type { Acceptance } from "./acceptance.ts";

interface Supplier {
  id: string;
  of: InForce["suppliers"][number] | undefined;
  acceptance: Acceptance | undefined;
}

/** One supplier: what became of its leads, its caps and its keys. */
export function SupplierDetail({ id, of, acceptance }: Supplier) {
  const mayOperate = useMay("operate");
  const [isLinking, setLinking] = useState(false);
  if (of === undefined) return <Empty title="There is no such supplier in the configuration." />;
  return (
    <div className="stack">
      <section className="stack">
        <div className="lead-head">
          <b>{of.name ?? id}</b>
          <Status word={of.status ?? "active"} />
        </div>
        <Facts
          of={[
            ["Id", <code key="id">{id}</code>],
            ["Time zone", of.timezone ?? "that of each campaign"],
            ["Campaigns", <CampaignLinks key="campaigns" of={{ supplier: id }} />],
            ["Test mode", of.test_mode === true && "its leads are tests"],
            [
              "Leads",
              <Link key="leads" to="/leads" search={{ supplier: id }}>
                What it has sent
              </Link>,
            ],
            [
              "Account",
              <Link key="account" to="/accounts" search={{ supplier: id }}>
                What it is owed
              </Link>,
            ],
          ]}
        />
        {mayOperate && (
          <div>
            <Button variant="default" onClick={() => setLinking(true)}>
              Link to its page
            </Button>
          </div>
        )}
        {isLinking && <SupplierLink supplier={id} close={() => setLinking(false)} />}
      </section>
      <Reasons id={id} acceptance={acceptance} />
      <section>
        <h3>Caps</h3>
        <CapUse of={{ supplier: id }} />
      </section>
      <Keys supplier={id} />
      <PortalLinks of={{ kind: "supplier", id }} />
    </div>
  );
}

function Reasons({ id, acceptance }: Pick<Supplier, "id" | "acceptance">) {
  return (
    <section>
      <h3>The last seven days</h3>
      {acceptance === undefined || acceptance.leads === 0 ? (
        <p className="dim">It has sent nothing.</p>
      ) : (
        <ul className="plain bars">
          {[{ status: "ACCEPTED", label: "Accepted", leads: acceptance.accepted }, ...acceptance.reasons].map(
            ({ status, label, leads }) => (
              <li key={`${status} ${label}`}>
                <Link to="/leads" search={{ supplier: id, status, span: "7d" }}>
                  {label}
                </Link>
                <span
                  className="bar"
                  data-good={status === "ACCEPTED"}
                  style={{ width: `${(100 * leads) / acceptance.leads}%` }}
                  aria-hidden
                />
                <span className="num">{countText(leads)}</span>
              </li>
            ),
          )}
        </ul>
      )}
    </section>
  );
}

function Keys({ supplier }: { supplier: string }) {
  const mayAdmin = useMay("admin");
  const [asked, setAsked] = useState<"make" | Shapes["SupplierKey"]>();
  const keys = useQuery({
    queryKey: ["supplier keys", supplier],
    queryFn: async () =>
      (await taken(api.GET("/api/v1/admin/suppliers/{supplier}/keys", { params: { path: { supplier } } })))
        .data,
  });
  return (
    <section>
      <h3>Keys</h3>
      {keys.error !== null && <Problem error={keys.error} />}
      {keys.data?.length === 0 && <p className="dim">It has none, and can send nothing.</p>}
      <ul className="plain alerts">
        {keys.data?.map((key) => (
          <li key={key.id}>
            <code>{key.prefix}…</code>
            <Status word={key.status === "live" ? "active" : key.status} label={key.status} />
            <span>{key.name}</span>
            <span className="dim">
              {key.last_used_at === null ? (
                "never used"
              ) : (
                <>
                  used <Ago at={key.last_used_at} />
                </>
              )}
              {key.expires_at !== null && (
                <>
                  , until <Moment at={key.expires_at} />
                </>
              )}
            </span>
            {mayAdmin && key.status === "live" && (
              <Button
                variant="default"
                className="push"
                onClick={() => setAsked(key)}
                aria-label={`Revoke ${key.name ?? key.prefix}`}
              >
                Revoke…
              </Button>
            )}
          </li>
        ))}
      </ul>
      {mayAdmin && (
        <div className="above">
          <Button variant="default" onClick={() => setAsked("make")}>
            Make a key
          </Button>
        </div>
      )}
      {asked === "make" && <MakeSupplierKey supplier={supplier} close={() => setAsked(undefined)} />}
      {asked !== undefined && asked !== "make" && (
        <RevokeSupplierKey supplier={supplier} of={asked} close={() => setAsked(undefined)} />
      )}
    </section>
  );
}

function MakeSupplierKey({ supplier, close }: { supplier: string; close(): void }) {
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [made, setMade] = useState<string>();
  async function act() {
    const params = { path: { supplier } };
    const body = { name: name.trim() === "" ? null : name.trim() };
    setMade((await taken(api.POST("/api/v1/admin/suppliers/{supplier}/keys", { params, body }))).data.key);
    await queries.invalidateQueries({ queryKey: ["supplier keys", supplier] });
  }
  if (made !== undefined) {
    return (
      <MadeOnce title="The new key" close={close}>
        <ShownOnce name={`A key of ${supplier}`} secret={made} />
      </MadeOnce>
    );
  }
  return (
    <AskFirst
      title="Make a key"
      verb="Make it"
      staysOpen
      act={act}
      close={close}
      body={
        <TextInput
          label="Name"
          placeholder="what it is for"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          maxLength={200}
        />
      }
    />
  );
}

function RevokeSupplierKey({
  supplier,
  of,
  close,
}: {
  supplier: string;
  of: Shapes["SupplierKey"];
  close(): void;
}) {
  const queries = useQueryClient();
  async function act() {
    const params = { path: { supplier, key: of.id } };
    await taken(api.DELETE("/api/v1/admin/suppliers/{supplier}/keys/{key}", { params }));
    await queries.invalidateQueries({ queryKey: ["supplier keys", supplier] });
  }
  return (
    <AskFirst
      title={`Revoke the key ${of.prefix}…`}
      danger
      verb="Revoke it"
      act={act}
      close={close}
      body="Not one more lead comes in by it, on any server."
    />
  );
}

function SupplierLink({ supplier, close }: { supplier: string; close(): void }) {
  const { data } = useConfiguration();
  const campaigns = (data?.campaigns ?? [])
    .filter((campaign) => campaign.suppliers?.some((link) => link.supplier === supplier))
    .map(({ id }) => id);
  return (
    <PageLink
      title="A link to the campaign's page"
      about="It shows this supplier how to send leads, with its own limits and rules. It works for a week."
      reader={{ supplier }}
      campaigns={campaigns}
      none={<Empty title="It is in no campaign yet." />}
      close={close}
    />
  );
}
