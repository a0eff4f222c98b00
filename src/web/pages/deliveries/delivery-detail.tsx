import { Button, Loader } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { Link } from "#web/address/link.tsx";
import { api, type Shapes, taken } from "#web/api/client.ts";
import { useMay } from "#web/api/session.ts";
import { replaceRow } from "#web/lists/cursor-list.ts";
import { Copy, Ident } from "#web/parts/copy.tsx";
import { Facts } from "#web/parts/facts.tsx";
import { Problem, sentenceOf } from "#web/parts/problem.tsx";
import { inWords, Status } from "#web/parts/status.tsx";
import { DueIn, Moment } from "#web/times/moment.tsx";

/** One delivery: what is sent, and what was answered each time. */
export function DeliveryDetail({ id, withLead = false }: { id: string; withLead?: boolean }) {
  const queries = useQueryClient();
  const mayOperate = useMay("operate");
  const delivery = useQuery({
    queryKey: ["delivery", id],
    queryFn: async () =>
      (await taken(api.GET("/api/v1/admin/deliveries/{delivery}", { params: { path: { delivery: id } } })))
        .data,
    refetchInterval: ({ state }) => (state.data?.state === "pending" ? 3_000 : false),
  });
  useEffect(() => {
    if (delivery.data !== undefined)
      replaceRow<Shapes["DeliverySummary"]>(queries, "deliveries", delivery.data);
  }, [delivery.data]);
  if (delivery.error !== null) return <Problem error={delivery.error} />;
  if (delivery.data === undefined) return <Loader size="xs" aria-label="Loading" />;
  const { data } = delivery;

  async function sendAgain() {
    try {
      await taken(
        api.POST("/api/v1/admin/deliveries/{delivery}/redeliver", { params: { path: { delivery: id } } }),
      );
      notifications.show({ message: "It is due now." });
    } catch (error) {
      notifications.show({ color: "red", message: sentenceOf(error) });
    }
    await Promise.all(["delivery", "lead"].map((name) => queries.invalidateQueries({ queryKey: [name] })));
  }

  return (
    <div className={withLead ? "stack" : "card-body stack"}>
      <Facts
        of={[
          ["Id", <Ident key="id" id={data.id} />],
          ["State", withLead && <Status key="state" word={data.state} />],
          ["To", withLead && (data.buyer_id ?? data.webhook_id ?? data.conversion_id)],
          ["Event", withLead && data.event],
          [
            "Lead",
            withLead && data.lead_id !== null && (
              <Link key="lead" to="/leads" search={{ open: data.lead_id }}>
                <code>…{data.lead_id.slice(-10)}</code>
              </Link>
            ),
          ],
          ["Reason", data.reason !== null && inWords(data.reason)],
          ["Last failure", data.last_failure !== null && <code key="failure">{data.last_failure}</code>],
          ["Buyer's reference", data.reference],
          ["Buyer's price", data.answered_price],
          [
            "Next attempt",
            data.next_attempt_at !== null && <DueIn key="next" at={data.next_attempt_at} of={data} />,
          ],
          ["Given up", data.state === "pending" && <Moment key="give" at={data.give_up_at} of={data} />],
          ["Ended", data.ended_at !== null && <Moment key="ended" at={data.ended_at} of={data} seconds />],
        ]}
      />
      <Attempts attempts={data.attempts} />
      <div>
        <div className="code-head">
          <h4>Request body</h4>
          <span className="dim">{data.content_type}</span>
          {data.body !== "" && <Copy text={data.body} label="Copy the body" />}
        </div>
        {data.body === "" ? (
          <p className="dim">Its body is gone: the person was erased.</p>
        ) : (
          <pre className="code" tabIndex={0}>
            {readable(data.body, data.content_type)}
          </pre>
        )}
      </div>
      {mayOperate && (
        <div>
          <Button variant="default" onClick={() => void sendAgain()}>
            Send again
          </Button>
        </div>
      )}
    </div>
  );
}

function Attempts({ attempts }: { attempts: readonly Shapes["DeliveryAttempt"][] }) {
  if (attempts.length === 0) return <p className="dim">It was not tried yet.</p>;
  return (
    <ol className="plain attempts">
      {attempts.map(({ number, trigger, started_at, duration_ms, http_status, failure, excerpt }) => (
        <li key={number}>
          <div className="attempt">
            <b>#{number}</b>
            <Status
              word={failure === null ? "delivered" : "dead"}
              label={String(http_status ?? failure ?? "sent")}
            />
            <Moment at={started_at} seconds />
            <span className="dim">{duration_ms} ms</span>
            {failure !== null && http_status !== null && <code>{failure}</code>}
            {trigger === "hand" && <span className="tag">by hand</span>}
          </div>
          {excerpt !== null && excerpt !== "" && (
            <pre className="code" tabIndex={0}>
              {excerpt}
            </pre>
          )}
        </li>
      ))}
    </ol>
  );
}

/** JSON with lines; anything else as it is. */
function readable(body: string, contentType: string): string {
  if (!contentType.includes("json")) return body;
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
