import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "wouter";
import { taken } from "#web/api/client.ts";
import { More, usePages } from "#web/lists/pages.tsx";
import { Empty } from "#web/parts/empty.tsx";
import { Facts } from "#web/parts/facts.tsx";
import { countText } from "#web/parts/money.tsx";
import { PageHead } from "#web/parts/page-head.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { inWords, Status } from "#web/parts/status.tsx";
import { api, type PortalShapes } from "#web/portal/api/client.ts";
import { WordChoice } from "#web/portal/parts/choice.tsx";
import { Wide } from "#web/portal/parts/wide.tsx";
import { Ago, Moment } from "#web/times/moment.tsx";
import { useEndpoint } from "./buyer-queries.ts";
import { DeliveryRows } from "./delivery-rows.tsx";

type State = PortalShapes["OwnDelivery"]["state"];

const STATES: readonly (readonly [State, string])[] = [
  ["pending", "Waiting"],
  ["delivered", "Delivered"],
  ["rejected", "Refused by you"],
  ["dead", "Given up"],
];

/** What was and is to be sent to a buyer, how its endpoint stands, and a test of it. */
export function OwnDeliveriesPage() {
  const [said, say] = useSearchParams();
  const state = said.get("state") ?? "";
  const list = usePages({
    key: ["buyer", "deliveries", "list", state],
    ask: async (cursor) =>
      taken(
        api.GET("/api/v1/buyer/deliveries", {
          params: { query: { ...(state !== "" && { state: state as State }), ...(cursor && { cursor }) } },
        }),
      ),
  });
  return (
    <>
      <PageHead title="Deliveries" about="What was and is to be sent to you, newest first." />
      <Endpoint />
      <div className="filters above">
        <WordChoice
          label="State"
          all="Any state"
          words={STATES}
          chosen={state}
          choose={(word) => say(word === "" ? {} : { state: word })}
        />
      </div>
      {list.error !== null && <Problem error={list.error} retry={() => void list.refetch()} />}
      {list.rows !== undefined && (
        <Wide name="Deliveries" kind="panel list-panel">
          {list.rows.length === 0 ? (
            <Empty title={state === "" ? "Nothing was sent to you yet" : "There is none in this state"}>
              {state === ""
                ? "Send yourself a test to see whether your endpoint is ready."
                : "Choose another one above."}
            </Empty>
          ) : (
            <DeliveryRows rows={list.rows} withLeads />
          )}
        </Wide>
      )}
      <More list={list} className="more" />
    </>
  );
}

function Endpoint() {
  const endpoint = useEndpoint();
  const queries = useQueryClient();
  const [tested, setTested] = useState<PortalShapes["TestedEndpoint"]>();
  const [problem, setProblem] = useState<unknown>();
  const [isAsking, setAsking] = useState(false);

  async function test() {
    setAsking(true);
    setProblem(undefined);
    setTested(undefined);
    try {
      setTested((await taken(api.POST("/api/v1/buyer/endpoint/test"))).data);
      await queries.invalidateQueries({ queryKey: ["buyer", "deliveries"] });
    } catch (error) {
      setProblem(error);
    }
    setAsking(false);
  }

  const { data } = endpoint;
  if (data === undefined) return null;
  return (
    <section className="panel">
      <div className="panel-head">
        <h2>
          Your endpoint <Status word={data.state} label={data.state === "none" ? "not set up" : data.state} />
        </h2>
        {data.state !== "none" && (
          <Button variant="default" loading={isAsking} onClick={() => void test()}>
            Send a test
          </Button>
        )}
      </div>
      <p className="dim">{MEANS[data.state]}</p>
      {data.state !== "none" && (
        <Facts
          of={[
            ["Since", data.since && <Moment key="since" at={data.since} />],
            ["Because of", data.reason && inWords(data.reason)],
            ["Tried next", data.next_try_at && <Ago key="next" at={data.next_try_at} />],
            ["Waiting", data.waiting > 0 && countText(data.waiting)],
          ]}
        />
      )}
      {problem !== undefined && <Problem error={problem} />}
      {tested !== undefined && (
        <div className="once above" role="status">
          <b data-tone={tested.failure === null ? "good" : "bad"}>{tested.message}</b>
          {tested.excerpt !== null && tested.excerpt !== "" && <pre className="code">{tested.excerpt}</pre>}
        </div>
      )}
    </section>
  );
}

const MEANS = {
  up: "What is sold to you arrives.",
  down: "It keeps failing. It is tried again by itself, and what is to be sent to it waits.",
  paused: "It said that it is gone, so nothing is sent to it until the operator resumes it.",
  none: "Nothing is sent to you: ask the operator to set up how you get your leads.",
} as const;
