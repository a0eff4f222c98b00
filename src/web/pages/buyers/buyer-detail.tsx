import { Button, Loader } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Link } from "#web/address/link.tsx";
import { api, type Shapes, taken, takenWithTag } from "#web/api/client.ts";
import { useMay } from "#web/api/session.ts";
import { CapUse } from "#web/caps/cap-use.tsx";
import { useHeld } from "#web/forms/held.ts";
import { Payment } from "#web/pages/accounts/money-forms.tsx";
import { type Party, searchOf, useBalance } from "#web/pages/accounts/party.ts";
import { CampaignLinks } from "#web/pages/campaigns/campaign-links.tsx";
import { PortalLinks } from "#web/pages/people/portal-links.tsx";
import { Facts } from "#web/parts/facts.tsx";
import { countText, Money } from "#web/parts/money.tsx";
import { Problem, sentenceOf } from "#web/parts/problem.tsx";
import { inWords, Status } from "#web/parts/status.tsx";
import { Ago } from "#web/times/moment.tsx";
import { BuyerLink, PauseBuyer, Recover, RotateSecret } from "./buyer-actions.tsx";
import { BuyerSettings } from "./buyer-settings.tsx";

/** One buyer: what it has bought is a page of leads away; here is what stands in the way of selling to it. */
export function BuyerDetail({ id }: { id: string }) {
  const buyer = useQuery({
    queryKey: ["buyer", id],
    refetchInterval: 10_000,
    queryFn: () => takenWithTag(api.GET("/api/v1/admin/buyers/{id}", { params: { path: { id } } })),
  });
  return (
    <>
      {buyer.error !== null && <Problem error={buyer.error} retry={() => void buyer.refetch()} />}
      {buyer.data !== undefined && <Whole read={buyer.data} />}
      {buyer.isPending && <Loader size="sm" aria-label="Loading" />}
    </>
  );
}

function Whole({ read }: { read: { data: Shapes["Buyer"]; tag: string } }) {
  const { held, ...form } = useHeld(read);
  const { data } = read;
  const { id } = data;
  return (
    <div className="stack">
      <Head buyer={data} />
      {data.endpoint !== null && data.endpoint !== undefined && (
        <EndpointPanel buyer={data} endpoint={data.endpoint} />
      )}
      <section>
        <h3>Caps</h3>
        <CapUse of={{ buyer: id }} />
      </section>
      <BalancePanel id={id} />
      <PortalLinks of={{ kind: "buyer", id }} />
      <BuyerSettings key={held.tag} read={held} form={form} />
    </div>
  );
}

/** A button that asks something first. */
function Asking({ label, children }: { label: string; children(close: () => void): ReactNode }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}>
        {label}
      </Button>
      {isOpen && children(() => setOpen(false))}
    </>
  );
}

function Head({ buyer }: { buyer: Shapes["Buyer"] }) {
  const [mayOperate, mayAdmin] = [useMay("operate"), useMay("admin")];
  const { id, name, status = "active", timezone } = buyer;
  return (
    <section className="stack">
      <div className="lead-head">
        <b>{name ?? id}</b>
        <Status word={status} />
      </div>
      <Facts
        of={[
          ["Id", <code key="id">{id}</code>],
          ["Time zone", timezone ?? "UTC"],
          ["Billing", buyer.billing?.mode ?? "manual"],
          ["Campaigns", <CampaignLinks key="campaigns" of={{ buyer: id }} />],
          [
            "Leads",
            <Link key="leads" to="/leads" search={{ buyer: id }}>
              What it has bought
            </Link>,
          ],
          [
            "Returns",
            <Link key="returns" to="/returns" search={{ buyer: id }}>
              What it gives back
            </Link>,
          ],
        ]}
      />
      <div className="line">
        {mayAdmin && status !== "archived" && (
          <Asking label={status === "paused" ? "Resume selling" : "Pause selling"}>
            {(close) => <PauseBuyer buyer={buyer} close={close} />}
          </Asking>
        )}
        {mayOperate && (
          <Asking label="Link to its page">{(close) => <BuyerLink buyer={id} close={close} />}</Asking>
        )}
        {mayAdmin && (
          <Asking label="Signing secret">{(close) => <RotateSecret buyer={id} close={close} />}</Asking>
        )}
      </div>
    </section>
  );
}

function EndpointPanel({
  buyer: { id },
  endpoint,
}: {
  buyer: Shapes["Buyer"];
  endpoint: Shapes["Endpoint"];
}) {
  const mayOperate = useMay("operate");
  const queries = useQueryClient();
  const path = { path: { id } };

  async function act(call: () => Promise<string>) {
    try {
      notifications.show({ message: await call() });
    } catch (error) {
      notifications.show({ color: "red", message: sentenceOf(error) });
    }
    await queries.invalidateQueries({ queryKey: ["buyer", id] });
  }
  const test = () =>
    act(async () => {
      await taken(api.POST("/api/v1/admin/buyers/{id}/test", { params: path }));
      return "A test is on its way; its answer is among the deliveries.";
    });
  const resume = () =>
    act(async () => {
      const { data } = await taken(api.POST("/api/v1/admin/buyers/{id}/resume", { params: path }));
      return `${countText(data.resumed)} deliveries go on.`;
    });

  return (
    <section>
      <h3>Endpoint</h3>
      <Facts
        of={[
          ["State", <Status key="state" word={endpoint.state} />],
          ["Why", endpoint.reason !== null && inWords(endpoint.reason)],
          ["Since", endpoint.since !== null && <Ago key="since" at={endpoint.since} />],
          ["Tried next", endpoint.next_try_at !== null && <Ago key="next" at={endpoint.next_try_at} />],
          ["Waiting", countText(endpoint.waiting)],
          [
            "Deliveries",
            <Link key="sent" to="/deliveries" search={{ buyer: id, state: "all" }}>
              What was sent to it
            </Link>,
          ],
        ]}
      />
      {mayOperate && (
        <div className="line above">
          <Button variant="default" onClick={() => void test()}>
            Send a test
          </Button>
          {endpoint.state === "paused" && <Button onClick={() => void resume()}>Resume sending</Button>}
          <Asking label="Send again what failed…">{(close) => <Recover buyer={id} close={close} />}</Asking>
        </div>
      )}
    </section>
  );
}

function BalancePanel({ id }: { id: string }) {
  const mayOperate = useMay("operate");
  const party: Party = { kind: "buyer", id };
  const balance = useBalance(party);
  if (balance.error !== null) return <Problem error={balance.error} />;
  if (balance.data === undefined) return null;
  const { spendable, credit_limit, low_balance, is_low, balances, currency, billing } = balance.data;
  const currencies = balances.flatMap((each) => each.currency ?? []);
  const written = (value: string | null | undefined) =>
    value !== null && value !== undefined && <Money value={value} currency={currency ?? "USD"} />;
  return (
    <section>
      <h3>Balance</h3>
      <Facts
        of={[
          ...balances.map(
            (each) =>
              [
                "Balance",
                <Money key={each.currency} value={each.balance} currency={each.currency ?? "USD"} />,
              ] as const,
          ),
          ["Can still be spent", billing !== "manual" && written(spendable)],
          ["Credit", written(credit_limit)],
          ["Low below", written(low_balance)],
          ["", is_low === true && <Status key="low" word="paused" label="low" />],
        ]}
      />
      {mayOperate && (
        <div className="line above">
          <Asking label="Enter a deposit…">
            {(close) => <Payment party={party} currencies={currencies} close={close} />}
          </Asking>
          <Button
            variant="default"
            renderRoot={(props) => <Link to="/accounts" search={searchOf(party)} {...props} />}
          >
            Its account
          </Button>
        </div>
      )}
    </section>
  );
}
