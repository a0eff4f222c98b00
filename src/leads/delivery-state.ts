/** How a delivery stands; `pending`: it is tried, or waits for its time. */
export type DeliveryState = (typeof DELIVERY_STATES)[number];
export const DELIVERY_STATES = ["pending", "paused", "delivered", "rejected", "dead"] as const;

/** What the outbox of all servers holds that is not done, each counted to 10,000. */
export interface OutboxState {
  /** Those that are tried, or waiting for their time. */
  pending: number;
  /** Of those, the ones whose time has come. */
  due: number;
  paused: number;
  dead: number;
  /** How long the one that has been due longest has been so, in ms. */
  oldestDueMs: number;
}
