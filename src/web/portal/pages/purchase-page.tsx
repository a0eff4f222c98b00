import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "wouter";
import { taken } from "#web/api/client.ts";
import { Facts } from "#web/parts/facts.tsx";
import { Money } from "#web/parts/money.tsx";
import { PageHead } from "#web/parts/page-head.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { capital, inWords, Status } from "#web/parts/status.tsx";
import { api, type PortalShapes } from "#web/portal/api/client.ts";
import { nameIn } from "#web/portal/parts/lead-name.ts";
import { Wide } from "#web/portal/parts/wide.tsx";
import { Moment } from "#web/times/moment.tsx";
import { DeliveryRows } from "./delivery-rows.tsx";
import { GiveBack } from "./give-back.tsx";

/** One lead that a buyer bought: who it is, what it cost, how it was delivered, and giving it back. */
export function PurchasePage() {
  const { id } = useParams<{ id: string }>();
  const lead = useQuery({
    queryKey: ["buyer", "lead", id],
    queryFn: async () =>
      (await taken(api.GET("/api/v1/buyer/leads/{id}", { params: { path: { id } } }))).data,
  });
  const deliveries = useQuery({
    queryKey: ["buyer", "deliveries", "lead", id],
    queryFn: async () =>
      (await taken(api.GET("/api/v1/buyer/deliveries", { params: { query: { lead: id } } }))).data,
  });
  const { data } = lead;
  return (
    <>
      <Link href="/leads" className="back">
        ‹ All leads
      </Link>
      {lead.error !== null && <Problem error={lead.error} retry={() => void lead.refetch()} />}
      {data !== undefined && (
        <>
          <PageHead title={nameIn(data.fields) ?? "Lead"} about={<Status word={data.status} />} />
          <div className="portal-grid">
            <div className="stack">
              <Fields lead={data} />
              <Wide name="Deliveries" kind="panel list-panel">
                <h2 className="pad">Deliveries</h2>
                {deliveries.data !== undefined && <DeliveryRows rows={deliveries.data} />}
              </Wide>
              <AsSent sent={data.sent} />
            </div>
            <div className="stack">
              <Sale lead={data} />
              <GiveBack lead={data} />
            </div>
          </div>
        </>
      )}
    </>
  );
}

function Fields({ lead: { fields, erased_at: erased, sent } }: { lead: PortalShapes["PurchaseAsSent"] }) {
  return (
    <section className="panel">
      <h2>The lead</h2>
      {erased !== null ? (
        <p>
          Who the person is was taken out of it: <Moment at={erased} />.
        </p>
      ) : fields === null ? (
        <p>{sent === null ? "Nothing is known of it." : "It was sent to you as the text below."}</p>
      ) : (
        <Facts
          of={Object.entries(fields).map(([name, value]) => [
            capital(inWords(name)),
            typeof value === "string" || typeof value === "number" ? String(value) : JSON.stringify(value),
          ])}
        />
      )}
    </section>
  );
}

function Sale({ lead }: { lead: PortalShapes["PurchaseAsSent"] }) {
  return (
    <section className="panel">
      <h2>The sale</h2>
      <Facts
        of={[
          ["Price", <Money key="price" value={lead.price} currency={lead.currency} />],
          ["Sold", <Moment key="sold" at={lead.sold_at} />],
          ["Campaign", lead.campaign_id],
          ["Test", lead.is_test && "It is on no bill"],
          [
            "Lead",
            <span key="lead" className="ident">
              <code>{lead.lead_id}</code>
            </span>,
          ],
        ]}
      />
    </section>
  );
}

function AsSent({ sent }: { sent: PortalShapes["PurchaseAsSent"]["sent"] }) {
  if (sent === null || sent.body === "") return null;
  return (
    <details className="panel">
      <summary>
        <b>As it was sent to you</b> <span className="dim">{sent.content_type}</span>
      </summary>
      <pre className="code">{sent.body}</pre>
    </details>
  );
}
