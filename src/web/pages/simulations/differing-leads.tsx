import { useState } from "react";
import { Link } from "#web/address/link.tsx";
import { api, type Shapes, taken } from "#web/api/client.ts";
import { More, usePages } from "#web/lists/pages.tsx";
import { LeadTrace } from "#web/pages/leads/lead-trace.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { inWords, Status } from "#web/parts/status.tsx";

type Differing = Shapes["SimulatedLead"];
type Ending = Differing["before"];

/** The leads that would have ended otherwise, each with both endings and, when it is opened, both ways there. */
export function DifferingLeads({ id }: { id: string }) {
  const [open, setOpen] = useState<string>();
  const leads = usePages({
    key: ["simulated leads", id],
    ask: (cursor) =>
      taken(
        api.GET("/api/v1/admin/simulations/{simulation}/leads", {
          params: { path: { simulation: id }, query: { limit: 20, cursor } },
        }),
      ),
  });
  const all = leads.rows ?? [];
  return (
    <section className="stack-s">
      <h3>Leads that would have ended otherwise</h3>
      {leads.error !== null && <Problem error={leads.error} />}
      <ul className="plain stack-s">
        {all.map((lead) => (
          <li key={lead.id} className="card">
            <button
              type="button"
              className="card-head"
              aria-expanded={open === lead.id}
              onClick={() => setOpen(open === lead.id ? undefined : lead.id)}
            >
              <EndingInWords ending={lead.before} />
              <span aria-hidden>→</span>
              <EndingInWords ending={lead.after} />
            </button>
            {open === lead.id && <BothWays lead={lead} />}
          </li>
        ))}
      </ul>
      <More list={leads} />
    </section>
  );
}

function EndingInWords({ ending: { status, reason, sales } }: { ending: Ending }) {
  const buyers = sales.map(({ buyer_id, price }) => `${buyer_id} at ${price}`).join(", ");
  return (
    <span>
      <Status word={status ?? "REJECTED"} {...(status === null ? { label: "Not taken in" } : {})} />{" "}
      <span className="dim">{buyers === "" ? inWords(reason ?? "") : buyers}</span>
    </span>
  );
}

function BothWays({ lead }: { lead: Differing }) {
  const way = (title: string, { trace }: Ending) => (
    <div>
      <h4>{title}</h4>
      <LeadTrace lead={{ trace, campaign_id: lead.campaign_id }} />
    </div>
  );
  return (
    <div className="card-body stack">
      <Link to="/leads" search={{ open: lead.id }}>
        <code>{lead.id}</code>
      </Link>
      <div className="halves">
        {way("On record", lead.before)}
        {way("Would be", lead.after)}
      </div>
    </div>
  );
}
