import { ALERT_SETTINGS } from "#endpoints/alert-settings.ts";
import { newUuid } from "#text/ids.ts";
import type { NewDelivery } from "./outbox-records.ts";

/** What an e-mail to an address of the operators' is made of. */
interface Letter extends Pick<NewDelivery, "event" | "contentType" | "body" | "subject" | "request"> {
  to: string;
}

/** The delivery that brings it. */
export function operatorMail({ to, ...letter }: Letter, now: Date): NewDelivery {
  return {
    id: newUuid(),
    lead: null,
    recipient: `alert:${to}`,
    giveUpAt: new Date(now.getTime() + ALERT_SETTINGS.giveUpAfterSeconds * 1000).toISOString(),
    ...letter,
  };
}
