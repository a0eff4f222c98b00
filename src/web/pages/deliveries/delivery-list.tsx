import { useState } from "react";
import type { Shapes } from "#web/api/client.ts";
import { Empty } from "#web/parts/empty.tsx";
import { Status } from "#web/parts/status.tsx";
import { DeliveryDetail } from "./delivery-detail.tsx";

type Delivery = Shapes["DeliverySummary"];

/** The deliveries of one lead; each opens where it stands. */
export function DeliveryList({ deliveries }: { deliveries: readonly Delivery[] }) {
  const [open, setOpen] = useState<string>();
  if (deliveries.length === 0) {
    return <Empty title="Nothing was sent of it." />;
  }
  return (
    <ul className="plain stack-s">
      {deliveries.map((delivery) => (
        <li key={delivery.id} className="card">
          <button
            type="button"
            className="card-head"
            aria-expanded={open === delivery.id}
            onClick={() => setOpen(open === delivery.id ? undefined : delivery.id)}
          >
            <Status word={delivery.state} />
            <span>{delivery.event}</span>
            <span>{recipientOf(delivery)}</span>
            <span className="dim">
              {delivery.attempt_count === 1 ? "1 attempt" : `${delivery.attempt_count} attempts`}
            </span>
          </button>
          {open === delivery.id && <DeliveryDetail id={delivery.id} />}
        </li>
      ))}
    </ul>
  );
}

/** To whom it goes. */
export function recipientOf({
  buyer_id,
  webhook_id,
  conversion_id,
}: Pick<Delivery, "buyer_id" | "webhook_id" | "conversion_id">): string {
  return buyer_id ?? (webhook_id === null ? (conversion_id ?? "") : `webhook ${webhook_id}`);
}
