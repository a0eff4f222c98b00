import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useAddress } from "#web/address/here.ts";
import { Link } from "#web/address/link.tsx";
import { api, type Shapes, taken } from "#web/api/client.ts";
import { usePartyIds } from "#web/api/configuration.ts";
import { capKey } from "#web/caps/cap-meter.tsx";
import { Pick } from "#web/lists/pick.tsx";
import { Side } from "#web/lists/side.tsx";
import { useFullCaps, useTroubledEndpoints } from "#web/pages/board/figures.ts";
import { DeliveryDetail } from "#web/pages/deliveries/delivery-detail.tsx";
import { Empty } from "#web/parts/empty.tsx";
import { countText, moneyText } from "#web/parts/money.tsx";
import { PageHead } from "#web/parts/page-head.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { inWords, Status } from "#web/parts/status.tsx";
import { Ago, dayInWords, Moment } from "#web/times/moment.tsx";
import { ALERTS, type AlertEvent, isAlert } from "./alert-words.ts";

type Told = Shapes["DeliverySummary"];

/** What goes wrong beside leads: what stands so now, and what operators were told of. */
export function AlertsPage() {
  const { said } = useAddress();
  return (
    <section>
      <PageHead title="Alerts" about="What needs somebody now, and what your webhooks and e-mails told of." />
      <div className="board board-even">
        <Now />
        <Lately />
      </div>
      <Side title="Alert" width={42} id={said["open"]}>
        {(id) => <DeliveryDetail key={id} id={id} withLead />}
      </Side>
    </section>
  );
}

/** What needs somebody, whether anybody was told or not. */
function Now() {
  const { campaigns } = usePartyIds();
  const endpoints = useTroubledEndpoints();
  const caps = useFullCaps(campaigns);
  const invoices = useOverdue();
  const error = endpoints.error ?? caps.error ?? invoices.error;
  const isAsked = [endpoints, caps, invoices].some(
    ({ isPending, fetchStatus }) => isPending && fetchStatus !== "idle",
  );
  const full = (caps.data ?? []).filter(({ share }) => share >= 1);
  const count = (endpoints.data?.length ?? 0) + full.length + (invoices.data?.length ?? 0);
  return (
    <section className="panel" aria-busy={isAsked}>
      <h2>Now</h2>
      {error !== null && <Problem error={error} />}
      {!isAsked && error === null && count === 0 && (
        <Empty title="Nothing needs you.">Every endpoint is up, no cap is full, no invoice overdue.</Empty>
      )}
      <ul className="plain alerts">
        {endpoints.data?.map((each) => (
          <TroubledEndpoint key={`${each.buyer_id} ${each.webhook_id} ${each.conversion_id}`} of={each} />
        ))}
        {invoices.data?.map((invoice) => (
          <OverdueInvoice key={invoice.number} invoice={invoice} />
        ))}
        {full.map((cap) => (
          <FullCap key={capKey(cap)} cap={cap} />
        ))}
      </ul>
    </section>
  );
}

function useOverdue() {
  const query = { status: "overdue" as const, limit: 20 };
  return useQuery({
    queryKey: ["invoices", "overdue, for alerts"],
    refetchInterval: 60_000,
    queryFn: async () => (await taken(api.GET("/api/v1/admin/invoices", { params: { query } }))).data,
  });
}

function TroubledEndpoint({ of }: { of: Shapes["ListedEndpoint"] }) {
  const { buyer_id, webhook_id, conversion_id, endpoint } = of;
  const search = { buyer: buyer_id ?? undefined, webhook: webhook_id ?? undefined, state: "all" };
  return (
    <li>
      <Link to="/deliveries" search={search}>
        {buyer_id ?? webhook_id ?? conversion_id}
      </Link>
      <Status word={endpoint.state} />
      <span className="dim">
        {inWords(endpoint.reason ?? "")}
        {endpoint.since !== null && (
          <>
            {" "}
            since <Ago at={endpoint.since} />
          </>
        )}
        , {countText(endpoint.waiting)} waiting
      </span>
    </li>
  );
}

function OverdueInvoice({ invoice }: { invoice: Shapes["Invoice"] }) {
  const { number, buyer_id, total, currency, due_at } = invoice;
  return (
    <li>
      <Link to="/invoice" search={{ number: String(number) }}>
        Invoice {number}
      </Link>
      <Status word="dead" label="overdue" />
      <span className="dim">
        {buyer_id}, {moneyText(total, currency)}, due {dayInWords(due_at)}
      </span>
    </li>
  );
}

type Cap = NonNullable<ReturnType<typeof useFullCaps>["data"]>[number];

function FullCap({ cap }: { cap: Cap }) {
  const { party, campaign_id, buyer_id, supplier_id, period, unit, resets_at } = cap;
  return (
    <li>
      <Link
        to={buyer_id === null ? "/suppliers" : "/buyers"}
        search={{ open: buyer_id ?? supplier_id ?? undefined }}
      >
        {buyer_id ?? supplier_id}
      </Link>
      <Status word="paused" label="cap reached" />
      <span className="dim">
        {unit === "leads" ? "leads" : "money"} a {period}
        {party === "buyer" ? "" : ` in ${campaign_id}`}
        {resets_at !== null && (
          <>
            , anew <Ago at={resets_at} />
          </>
        )}
      </span>
    </li>
  );
}

/** Of each event so many are asked for. */
const OF_EACH = 20;

/** What was sent to operators lately, newest first. */
function useTold(only: AlertEvent | undefined) {
  return useQuery({
    queryKey: ["alerts", only],
    refetchInterval: 30_000,
    async queryFn(): Promise<Told[]> {
      const events = only === undefined ? Object.keys(ALERTS) : [only];
      const limit = only === undefined ? OF_EACH : 100;
      const answers = await Promise.all(
        events.map((event) =>
          taken(api.GET("/api/v1/admin/deliveries", { params: { query: { event, limit } } })),
        ),
      );
      return answers
        .flatMap(({ data }) => data)
        .toSorted((one, other) => other.created_at.localeCompare(one.created_at));
    },
  });
}

const SHOWN = 50;

function Lately() {
  const { said, say } = useAddress();
  const [isWhole, setWhole] = useState(false);
  const only = isAlert(said["event"]) ? said["event"] : undefined;
  const told = useTold(only);
  const all = told.data ?? [];
  const shown = isWhole ? all : all.slice(0, SHOWN);
  return (
    <section className="panel table-scroll">
      <div className="line spread">
        <h2>Told lately</h2>
        <Pick
          label="Event"
          words={Object.keys(ALERTS)}
          picked={only}
          pick={(event) => say({ event })}
          isSearchable={false}
        />
      </div>
      {told.error !== null && <Problem error={told.error} retry={() => void told.refetch()} />}
      {told.data !== undefined && all.length === 0 && (
        <Empty title="Nobody was told of anything.">
          Alerts go to the webhooks that subscribe to these events and to the addresses of <code>alerts</code>{" "}
          in <Link to="/configuration">the configuration</Link>; who names neither hears of nothing.
        </Empty>
      )}
      {all.length > 0 && (
        <table className="table pressed">
          <thead>
            <tr>
              <th>When</th>
              <th>What</th>
              <th>Who was told</th>
              <th className="extra">State</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((alert) => (
              <tr key={alert.id} onClick={() => say({ open: alert.id })}>
                <td className="unbroken">
                  <Moment at={alert.created_at} />
                </td>
                <td>
                  <button type="button" className="as-link" onClick={() => say({ open: alert.id })}>
                    {isAlert(alert.event) ? ALERTS[alert.event] : alert.event}
                  </button>
                </td>
                <td className="breaks">{alert.alert_to ?? alert.webhook_id}</td>
                <td className="extra">
                  <Status word={alert.state} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {all.length > shown.length && (
        <Button className="above" variant="default" onClick={() => setWhole(true)}>
          Show all
        </Button>
      )}
    </section>
  );
}
