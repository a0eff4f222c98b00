import { Button, SegmentedControl, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useAddress } from "#web/address/here.ts";
import { Link } from "#web/address/link.tsx";
import { api, type Shapes, taken } from "#web/api/client.ts";
import { usePartyIds } from "#web/api/configuration.ts";
import { useMay } from "#web/api/session.ts";
import { More, usePages } from "#web/lists/pages.tsx";
import { Pick } from "#web/lists/pick.tsx";
import { AskFirst } from "#web/parts/ask.tsx";
import { Empty } from "#web/parts/empty.tsx";
import { Money } from "#web/parts/money.tsx";
import { PageHead } from "#web/parts/page-head.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { inWords, Status } from "#web/parts/status.tsx";
import { Ago, Moment } from "#web/times/moment.tsx";

type Return = Shapes["Return"];

const STATES = [
  { value: "pending", label: "To decide" },
  { value: "accepted", label: "Accepted" },
  { value: "rejected", label: "Rejected" },
];

/** Leads that buyers give back: those to decide first. */
export function ReturnsPage() {
  const { said, say } = useAddress();
  const { buyers } = usePartyIds();
  const status = STATES.find(({ value }) => value === said["status"])?.value ?? "pending";
  const { buyer } = said;
  const returns = usePages({
    key: ["returns", status, buyer],
    refetchInterval: 15_000,
    ask: (cursor) =>
      taken(
        api.GET("/api/v1/admin/returns", {
          params: { query: { status: status as Return["status"], buyer, limit: 50, cursor } },
        }),
      ),
  });
  const all = returns.rows ?? [];
  return (
    <section>
      <PageHead title="Returns" about="Leads that buyers give back, within the terms of their contracts." />
      <div className="filters">
        <SegmentedControl
          aria-label="State"
          data={STATES}
          value={status}
          onChange={(value) => say({ status: value })}
        />
        <Pick label="Buyer" words={buyers} picked={buyer} pick={(picked) => say({ buyer: picked })} />
      </div>
      {returns.error !== null && <Problem error={returns.error} retry={() => void returns.refetch()} />}
      {returns.rows !== undefined && all.length === 0 && (
        <Empty title={status === "pending" ? "There is none to decide." : "There is none."}>
          {status === "pending"
            ? "Buyers ask in their portal or by their API, where their contract allows it; you may from a lead's page."
            : undefined}
        </Empty>
      )}
      {all.length > 0 && <ReturnTable returns={all} isPending={status === "pending"} />}
      <More list={returns} verb="Show earlier ones" className="above" />
    </section>
  );
}

function ReturnTable({ returns, isPending }: { returns: readonly Return[]; isPending: boolean }) {
  const mayOperate = useMay("operate");
  const [asked, setAsked] = useState<{ what: "accept" | "reject"; of: Return }>();
  const close = () => setAsked(undefined);
  return (
    <div className="panel table-scroll">
      <table className="table">
        <thead>
          <tr>
            <th>Asked</th>
            <th>Buyer</th>
            <th>Why</th>
            <th className="num">Amount</th>
            <th className="extra">Lead</th>
            <th>{isPending ? "Decide" : "Decided"}</th>
          </tr>
        </thead>
        <tbody>
          {returns.map((each) => (
            <tr key={each.id}>
              <td className="unbroken">
                <Moment at={each.asked_at} of={each} />
              </td>
              <td>
                {each.buyer_id}
                <div className="dim">{each.campaign_id}</div>
              </td>
              <td className="breaks">
                {inWords(each.reason)}
                {each.note !== null && <div className="dim">{each.note}</div>}
              </td>
              <td className="num">
                <Money value={each.amount} currency={each.currency} />
              </td>
              <td className="extra">
                <Link to="/leads" search={{ open: each.lead_id }}>
                  <code>…{each.lead_id.slice(-8)}</code>
                </Link>
              </td>
              <td>
                {isPending ? (
                  <span className="line">
                    {mayOperate && (
                      <>
                        <Button variant="default" onClick={() => setAsked({ what: "accept", of: each })}>
                          Accept…
                        </Button>
                        <Button variant="default" onClick={() => setAsked({ what: "reject", of: each })}>
                          Reject…
                        </Button>
                      </>
                    )}
                    {each.accepted_at !== null && (
                      <span className="dim">
                        accepted by itself <Ago at={each.accepted_at} of={each} />
                      </span>
                    )}
                  </span>
                ) : (
                  <>
                    <Status word={each.status} /> <Moment at={each.decided_at} of={each} />
                    <div className="dim">{each.decision_note ?? each.decided_by}</div>
                  </>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {asked?.what === "accept" && <Accept of={asked.of} close={close} />}
      {asked?.what === "reject" && <Reject of={asked.of} close={close} />}
    </div>
  );
}

interface OfReturn {
  of: Return;
  close(): void;
}

function useDecided() {
  const queries = useQueryClient();
  return async (message: string) => {
    notifications.show({ message });
    await queries.invalidateQueries();
  };
}

function Accept({ of, close }: OfReturn) {
  const decided = useDecided();
  async function act() {
    await taken(api.POST("/api/v1/admin/returns/{return}/accept", { params: { path: { return: of.id } } }));
    await decided("Accepted: the sale is undone.");
  }
  return (
    <AskFirst
      title="Accept this return"
      verb="Accept"
      act={act}
      close={close}
      body={
        <p>
          The sale is undone: <b>{of.buyer_id}</b> gets <Money value={of.amount} currency={of.currency} />{" "}
          back. The supplier's payout and the caps follow what the campaign says of returns.
        </p>
      }
    />
  );
}

function Reject({ of, close }: OfReturn) {
  const decided = useDecided();
  const [note, setNote] = useState("");
  async function act() {
    const params = { path: { return: of.id } };
    await taken(api.POST("/api/v1/admin/returns/{return}/reject", { params, body: { note: note.trim() } }));
    await decided("Rejected: the sale stands.");
  }
  return (
    <AskFirst
      title="Reject this return"
      verb="Reject"
      danger
      isReady={note.trim() !== ""}
      act={act}
      close={close}
      body={
        <Textarea
          label="Why"
          description="The buyer reads it too"
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
          maxLength={2000}
          autosize
          minRows={3}
        />
      }
    />
  );
}
