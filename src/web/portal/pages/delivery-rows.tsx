import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { taken } from "#web/api/client.ts";
import { Empty } from "#web/parts/empty.tsx";
import { sentenceOf } from "#web/parts/problem.tsx";
import { inWords, Status } from "#web/parts/status.tsx";
import { api, type PortalShapes } from "#web/portal/api/client.ts";
import { Ago, Moment } from "#web/times/moment.tsx";

type Delivery = PortalShapes["OwnDelivery"];

/** Deliveries, each with what became of it, and a way to have it sent again. */
export function DeliveryRows({
  rows,
  withLeads = false,
}: {
  rows: readonly Delivery[];
  withLeads?: boolean;
}) {
  if (rows.length === 0) return <Empty title="Nothing was sent" />;
  return (
    <table className="list">
      <thead>
        <tr>
          <th>State</th>
          <th className="extra">Event</th>
          {withLeads && <th className="extra">Lead</th>}
          <th>What came of it</th>
          <th className="num extra">Made</th>
          <th aria-label="Send again" />
        </tr>
      </thead>
      <tbody>
        {rows.map((delivery) => (
          <tr key={delivery.id}>
            <td>
              <Status word={delivery.state} />
            </td>
            <td className="extra">{delivery.event}</td>
            {withLeads && (
              <td className="extra">
                {delivery.lead_id !== null && <Link href={`/leads/${delivery.lead_id}`}>Lead</Link>}
              </td>
            )}
            <td>
              <Outcome delivery={delivery} />
            </td>
            <td className="num extra">
              <Moment at={delivery.created_at} />
            </td>
            <td className="num">
              <SendAgain delivery={delivery} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Outcome({ delivery }: { delivery: Delivery }) {
  const { state, verdict, reason, reference, last_failure: failure, attempt_count: attempts } = delivery;
  if (state === "pending") {
    return (
      <>
        {failure === null ? "Waits to be sent" : `Failed: ${inWords(failure)}`}
        {delivery.next_attempt_at !== null && (
          <span className="dim">
            , tried <Ago at={delivery.next_attempt_at} />
          </span>
        )}
      </>
    );
  }
  const said = [
    verdict === null ? null : `You said ${inWords(verdict)}`,
    reason,
    reference && `your ${reference}`,
  ];
  return (
    <>
      {state === "delivered" || failure === null
        ? said.filter(Boolean).join(", ") || "Sent"
        : `Failed: ${inWords(failure)}`}
      {attempts > 1 && <span className="dim"> in {attempts} tries</span>}
    </>
  );
}

function SendAgain({ delivery: { id } }: { delivery: Delivery }) {
  const queries = useQueryClient();
  const [problem, setProblem] = useState<string>();
  const [isAsking, setAsking] = useState(false);

  async function send() {
    setAsking(true);
    setProblem(undefined);
    try {
      const params = { path: { delivery: id } };
      await taken(api.POST("/api/v1/buyer/deliveries/{delivery}/redeliver", { params }));
      await queries.invalidateQueries({ queryKey: ["buyer", "deliveries"] });
    } catch (error) {
      setProblem(sentenceOf(error));
    }
    setAsking(false);
  }

  return (
    <>
      <Button variant="default" size="compact-xs" loading={isAsking} onClick={() => void send()}>
        Send again
      </Button>
      {problem !== undefined && (
        <div data-tone="bad" role="alert">
          {problem}
        </div>
      )}
    </>
  );
}
