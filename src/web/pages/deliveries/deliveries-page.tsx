import { Button, SegmentedControl, Select } from "@mantine/core";
import { useMemo, useState } from "react";
import { useAddress } from "#web/address/here.ts";
import { api, type Shapes, taken } from "#web/api/client.ts";
import { usePartyIds } from "#web/api/configuration.ts";
import { useMay } from "#web/api/session.ts";
import { useCursorList } from "#web/lists/cursor-list.ts";
import { Narrowing } from "#web/lists/narrowing.tsx";
import { Pick } from "#web/lists/pick.tsx";
import { type Column, VirtualRows } from "#web/lists/rows.tsx";
import { Side } from "#web/lists/side.tsx";
import { copyAsCurl } from "#web/parts/clipboard.ts";
import { Empty } from "#web/parts/empty.tsx";
import { PageHead } from "#web/parts/page-head.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { inWords, Status } from "#web/parts/status.tsx";
import { DueIn, Moment } from "#web/times/moment.tsx";
import { SPAN_CHOICES } from "#web/times/spans.ts";
import { DeliveryDetail } from "./delivery-detail.tsx";
import { recipientOf } from "./delivery-list.tsx";
import { type DeliveryQuery, deliveryQueryOf } from "./delivery-query.ts";
import { SendManyAgain } from "./send-many-again.tsx";

type Delivery = Shapes["DeliverySummary"];

const STATES = [
  { value: "dead", label: "Failed" },
  { value: "rejected", label: "Rejected" },
  { value: "pending", label: "Waiting" },
  { value: "paused", label: "Paused" },
  { value: "delivered", label: "Delivered" },
  { value: "all", label: "All" },
];
const NOTHING: Readonly<Record<string, string>> = {
  dead: "Nothing has failed for good.",
  rejected: "No buyer has rejected anything.",
  pending: "Nothing waits to be sent.",
  paused: "Nothing is held back by a paused endpoint.",
  delivered: "Nothing has arrived yet.",
  all: "Nothing was sent yet.",
};

/** What other pages lead here by. */
const NARROWED_BY = ["webhook", "conversion", "lead"] as const;

/** What was sent and is to be sent, what failed first. */
export function DeliveriesPage() {
  const { said, say } = useAddress();
  const { buyers, campaigns } = usePartyIds();
  const mayOperate = useMay("operate");
  const [isAsking, setAsking] = useState(false);
  const state = said["state"] ?? "dead";
  const query = useMemo(() => deliveryQueryOf(said), [said]);
  const deliveries = useDeliveries(query);
  const { rows } = deliveries;
  const path = `/api/v1/admin/deliveries?${new URLSearchParams(query as Record<string, string>)}`;
  return (
    <section className="fill">
      <PageHead title="Deliveries" about="What was sent of leads and events, each attempt and its answer.">
        <Button variant="default" onClick={() => void copyAsCurl("GET", path)}>
          Copy as curl
        </Button>
        {mayOperate && rows.length > 0 && state !== "delivered" && state !== "all" && (
          <Button variant="default" onClick={() => setAsking(true)}>
            Send all of these again…
          </Button>
        )}
      </PageHead>
      <div className="filters">
        <SegmentedControl
          aria-label="State"
          data={STATES}
          value={state}
          onChange={(value) => say({ state: value })}
          className="states"
        />
        <Pick label="Buyer" words={buyers} picked={said["buyer"]} pick={(buyer) => say({ buyer })} />
        <Pick
          label="Campaign"
          words={campaigns}
          picked={said["campaign"]}
          pick={(campaign) => say({ campaign })}
        />
        <Select
          aria-label="Time"
          placeholder="Any time"
          data={SPAN_CHOICES}
          value={said["span"] ?? null}
          onChange={(span) => say({ span: span ?? undefined })}
          clearable
          w={140}
        />
        {NARROWED_BY.map((name) =>
          said[name] === undefined ? null : (
            <Narrowing key={name} text={`${name} ${said[name]}`} takeOff={() => say({ [name]: undefined })} />
          ),
        )}
      </div>
      {deliveries.error !== null && <Problem error={deliveries.error} retry={deliveries.refresh} />}
      {deliveries.isLoaded && rows.length === 0 && (
        <Empty title={NOTHING[state] ?? "Nothing is like that."}>
          {said["span"] !== undefined && state !== "all"
            ? "In this time. Take it away to look further back."
            : state === "dead"
              ? "A delivery ends here when it was tried for as long as its buyer wants."
              : state === "all"
                ? "Leads go out to buyers whose delivery is a webhook or an e-mail."
                : undefined}
        </Empty>
      )}
      {rows.length > 0 && (
        <VirtualRows
          label="Deliveries"
          columns={COLUMNS}
          rows={rows}
          idOf={({ id }) => id}
          openId={said["open"]}
          onOpen={({ id }) => say({ open: id })}
          more={deliveries.more}
        />
      )}
      <Side title="Delivery" width={42} id={said["open"]}>
        {(id) => <DeliveryDetail key={id} id={id} withLead />}
      </Side>
      {isAsking && <SendManyAgain query={query} close={() => setAsking(false)} />}
    </section>
  );
}

const COLUMNS: readonly Column<Delivery>[] = [
  {
    title: "Written",
    width: "minmax(6.5rem, 8rem)",
    cell: (delivery) => <Moment at={delivery.created_at} of={delivery} />,
  },
  { title: "To", width: "minmax(6rem, 1fr)", cell: recipientOf },
  { title: "State", width: "minmax(6rem, 8rem)", cell: ({ state }) => <Status word={state} /> },
  {
    title: "Why",
    width: "minmax(6rem, 1.2fr)",
    isExtra: true,
    cell: ({ last_failure, reason }) => <span className="dim">{inWords(reason ?? last_failure ?? "")}</span>,
  },
  { title: "Event", width: "minmax(6rem, 1fr)", isExtra: true, cell: ({ event }) => event },
  {
    title: "Attempts",
    width: "5rem",
    isNumber: true,
    isExtra: true,
    cell: ({ attempt_count }) => attempt_count,
  },
  {
    title: "Next",
    width: "6rem",
    isExtra: true,
    cell: (delivery) => <DueIn at={delivery.next_attempt_at} of={delivery} />,
  },
];

function useDeliveries(query: DeliveryQuery) {
  return useCursorList({
    key: ["deliveries", query],
    ask: (cursor, signal) =>
      taken(
        api.GET("/api/v1/admin/deliveries", { params: { query: { ...query, limit: 200, cursor } }, signal }),
      ),
  });
}
