import { Button, Loader, Menu } from "@mantine/core";
import IconChevronDown from "@tabler/icons-react/icons/IconChevronDown";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useAddress } from "#web/address/here.ts";
import { Link } from "#web/address/link.tsx";
import { api, type Shapes, taken } from "#web/api/client.ts";
import { useMay } from "#web/api/session.ts";
import { replaceRow } from "#web/lists/cursor-list.ts";
import { DeliveryList } from "#web/pages/deliveries/delivery-list.tsx";
import { copyAsCurl } from "#web/parts/clipboard.ts";
import { Ident } from "#web/parts/copy.tsx";
import { Facts } from "#web/parts/facts.tsx";
import { Money } from "#web/parts/money.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { inWords, Status } from "#web/parts/status.tsx";
import { Moment } from "#web/times/moment.tsx";
import { EraseLead, RedistributeLead, RejectLead, ReleaseLead, ReturnSale } from "./lead-actions.tsx";
import { LeadTrace } from "./lead-trace.tsx";

type Lead = Shapes["LeadOnRecord"];

/** One lead: how it ended and why, whom it was sold to, what was sent, what it says. */
export function LeadDetail({ id }: { id: string }) {
  const queries = useQueryClient();
  const lead = useQuery({
    queryKey: ["lead", id],
    queryFn: async () =>
      (await taken(api.GET("/api/v1/admin/leads/{lead}", { params: { path: { lead: id } } }))).data,
    refetchInterval: ({ state }) => (state.data?.status === "PENDING" ? 2_000 : 15_000),
  });
  useEffect(() => {
    if (lead.data !== undefined) replaceRow<Shapes["LeadSummary"]>(queries, "leads", lead.data);
  }, [lead.data]);
  return (
    <>
      {lead.error !== null && <Problem error={lead.error} retry={() => void lead.refetch()} />}
      {lead.data !== undefined && <Whole lead={lead.data} />}
      {lead.isPending && <Loader size="sm" aria-label="Loading" />}
    </>
  );
}

function Whole({ lead }: { lead: Lead }) {
  return (
    <div className="stack">
      <Head lead={lead} />
      <section>
        <h3>How it was decided</h3>
        <LeadTrace lead={lead} />
      </section>
      {lead.sales.length > 0 && <Sales lead={lead} />}
      <section>
        <h3>Deliveries</h3>
        <DeliveryList deliveries={lead.deliveries} />
      </section>
      <Fields lead={lead} />
      {lead.updates.length > 0 && <Updates lead={lead} />}
    </div>
  );
}

type Asked = "redistribute" | "return" | "erase" | "release" | "reject";

function Head({ lead }: { lead: Lead }) {
  const [asked, setAsked] = useState<Asked>();
  const [mayOperate, mayErase] = [useMay("operate"), useMay("admin")];
  const isSold = lead.sales.some(({ status }) => status === "sold");
  const close = () => setAsked(undefined);
  return (
    <section className="stack">
      <div className="lead-head">
        <span>
          <Status word={lead.status} />
          {lead.reason !== null && <span> {inWords(lead.reason)}</span>}
          {lead.is_test && <span className="tag">test</span>}
        </span>
        {lead.status === "HELD" && mayOperate && (
          <span className="lead-decide">
            <Button onClick={() => setAsked("release")}>Release…</Button>
            <Button variant="default" onClick={() => setAsked("reject")}>
              Refuse…
            </Button>
          </span>
        )}
        <Menu position="bottom-end" shadow="md">
          <Menu.Target>
            <Button variant="default" rightSection={<IconChevronDown size={14} />}>
              Actions
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {mayOperate && <Menu.Item onClick={() => setAsked("redistribute")}>Send round again…</Menu.Item>}
            {mayOperate && isSold && (
              <Menu.Item onClick={() => setAsked("return")}>Ask for a return…</Menu.Item>
            )}
            <Menu.Item onClick={() => void copyAsCurl("GET", `/api/v1/admin/leads/${lead.id}`)}>
              Copy as curl
            </Menu.Item>
            {mayErase && lead.erased_at === null && (
              <>
                <Menu.Divider />
                <Menu.Item color="red.8" onClick={() => setAsked("erase")}>
                  Forget this person…
                </Menu.Item>
              </>
            )}
          </Menu.Dropdown>
        </Menu>
      </div>
      <Facts
        of={[
          ["Id", <Ident key="id" id={lead.id} />],
          ["Decided", <Moment key="at" at={lead.decided_at} of={lead} seconds />],
          [
            "Campaign",
            <Link key="campaign" to="/leads" search={{ campaign: lead.campaign_id }}>
              {lead.campaign_id}
            </Link>,
          ],
          ["Supplier", lead.supplier_id],
          ["Price", lead.price !== null && <Money key="price" value={lead.price} currency={lead.currency} />],
          [
            "Payout",
            lead.payout !== null && <Money key="payout" value={lead.payout} currency={lead.currency} />,
          ],
          ["Repeats", lead.duplicate_of !== null && <LeadLink key="of" id={lead.duplicate_of} />],
          ["Erased", lead.erased_at !== null && <Moment key="erased" at={lead.erased_at} />],
          ["Revision", `${lead.revision}`],
        ]}
      />
      {asked === "redistribute" && <RedistributeLead lead={lead} close={close} />}
      {asked === "release" && <ReleaseLead lead={lead} close={close} />}
      {asked === "reject" && <RejectLead lead={lead} close={close} />}
      {asked === "return" && <ReturnSale lead={lead} close={close} />}
      {asked === "erase" && <EraseLead lead={lead} close={close} />}
    </section>
  );
}

/** Opens another lead in the same drawer. */
function LeadLink({ id }: { id: string }) {
  const { said } = useAddress();
  return (
    <Link to="/leads" search={{ ...said, open: id }}>
      <code>…{id.slice(-10)}</code>
    </Link>
  );
}

function Sales({ lead }: { lead: Lead }) {
  return (
    <section>
      <h3>Sales</h3>
      <table className="table">
        <thead>
          <tr>
            <th>Buyer</th>
            <th>State</th>
            <th className="num">Price</th>
            <th className="num">Payout</th>
            <th>Sold</th>
          </tr>
        </thead>
        <tbody>
          {lead.sales.map((sale) => (
            <tr key={sale.id}>
              <td>{sale.buyer_id}</td>
              <td>
                <Status word={sale.status} />
              </td>
              <td className="num">
                <Money value={sale.price} currency={sale.currency} />
              </td>
              <td className="num">
                <Money value={sale.payout} currency={sale.currency} />
              </td>
              <td>
                <Moment at={sale.sold_at} of={sale} seconds />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Fields({ lead }: { lead: Lead }) {
  const [understood, sent] = [lead.fields as Record<string, unknown>, lead.sent as Record<string, unknown>];
  const names = [...new Set([...Object.keys(understood), ...Object.keys(sent)])];
  if (names.length === 0) return null;
  return (
    <section>
      <h3>What it says</h3>
      <table className="table">
        <thead>
          <tr>
            <th>Field</th>
            <th>As understood</th>
            <th>As it was sent</th>
          </tr>
        </thead>
        <tbody>
          {names.map((name) => (
            <tr key={name}>
              <td>
                <code>{name}</code>
              </td>
              <td className="breaks">{valueText(understood[name])}</td>
              <td className="breaks dim">{name in sent ? valueText(sent[name]) : ""}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function valueText(value: unknown): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function Updates({ lead }: { lead: Lead }) {
  return (
    <section>
      <h3>What its supplier reported</h3>
      <table className="table">
        <tbody>
          {lead.updates.map(({ id, outcome, revenue, note, created_at }) => (
            <tr key={id}>
              <td>{inWords(outcome)}</td>
              <td className="num">
                <Money value={revenue} currency={lead.currency} />
              </td>
              <td className="breaks">{note}</td>
              <td>
                <Moment at={created_at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
