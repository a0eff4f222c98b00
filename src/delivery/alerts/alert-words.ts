import type { AlertEvent } from "#endpoints/webhook-endpoint.ts";

const ONCE_AN_HOUR =
  "That it goes down or comes up again within the hour is not mailed: leadgate endpoints says how it stands now.";

const NOT_AGAIN = "Told once an hour at most.";

/** What each event means, as the log and the subject of an e-mail say it; and what to do, as the e-mail says it. */
export const ALERT_WORDS: Readonly<Record<AlertEvent, { says: string; advice: string }>> = {
  "endpoint.down": {
    says: "an endpoint is down",
    advice: `It keeps failing. It is tried again by itself, and what is to be sent to it waits. ${ONCE_AN_HOUR}`,
  },
  "endpoint.up": {
    says: "an endpoint is up again",
    advice: `What waited for it is being sent. ${ONCE_AN_HOUR}`,
  },
  "endpoint.paused": {
    says: "an endpoint is paused",
    advice: "It said that it is gone, or lets nobody in. Nothing is sent to it until you resume it.",
  },
  "delivery.dead": {
    says: "a delivery is dead",
    advice:
      "It was given up, or its answer cannot be understood. Send it again by hand when the cause is mended. Further ones to " +
      "the same recipient within the hour are not mailed.",
  },
  "cap.reached": { says: "a cap is reached", advice: "No more leads fit into it until its period ends." },
  "balance.low": {
    says: "a balance is low",
    advice: `Less is left to spend than its low_balance. ${NOT_AGAIN}`,
  },
  "balance.empty": {
    says: "a balance is empty",
    advice: `What is left does not pay for another lead: the buyer gets none until something is paid in. ${NOT_AGAIN}`,
  },
  "supplier.silent": {
    says: "a supplier is silent",
    advice: "It has sent nothing for longer than it ever was silent in the two weeks before.",
  },
  "invoice.overdue": { says: "an invoice is overdue", advice: "It was not paid by its due date." },
  "import.done": { says: "an import is done", advice: "The list is as the file says." },
  "records.dropped": {
    says: "old records were dropped",
    advice:
      "Leads and deliveries before that are no longer on record, as records_days says. The books are as they were.",
  },
  "records.held_back": {
    says: "old records are kept",
    advice:
      "They are over for longer than records_days, and something of them is not finished. Decide the leads and returns that are " +
      "open, and send or give up the deliveries that wait; leadgate doctor names one of each.",
  },
};
