/** What operators are told of beside leads, as one says it. */
export const ALERTS = {
  "endpoint.down": "An endpoint is down",
  "endpoint.up": "An endpoint is up again",
  "endpoint.paused": "An endpoint is paused",
  "delivery.dead": "A delivery is dead",
  "cap.reached": "A cap is reached",
  "balance.low": "A balance is low",
  "balance.empty": "A balance is empty",
  "supplier.silent": "A supplier is silent",
  "invoice.overdue": "An invoice is overdue",
  "import.done": "An import is done",
  "records.dropped": "Old records were dropped",
  "records.held_back": "Old records are kept",
} as const;

export type AlertEvent = keyof typeof ALERTS;

export function isAlert(event: string | undefined): event is AlertEvent {
  return event !== undefined && event in ALERTS;
}
