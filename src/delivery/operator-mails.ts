import type { Queryable } from "#database/database.ts";
import { insertDeliveries, type NewDelivery } from "#delivery/outbox/outbox-records.ts";
import { ALERT_SETTINGS } from "#endpoints/alert-settings.ts";
import type { Recipient } from "#endpoints/recipient.ts";
import type { Mails, OperatorMail } from "#handover/mails.ts";
import { newUuid } from "#text/ids.ts";

/** They are of no campaign. */
const NO_CAMPAIGN = "";

/** E-mails to operators through the outbox. `wake` says that something is due for these recipients of a campaign. */
export function openMails(wake: (campaignId: string, recipients: Iterable<Recipient>) => void): Mails {
  return {
    async mail(tx: Queryable, mails, now) {
      const deliveries = mails.map((mail) => deliveryOf(mail, now));
      const rows = deliveries.map((delivery) => ({ ...delivery, campaign: NO_CAMPAIGN }));
      await insertDeliveries(tx, rows, now.toISOString());
      return () => wake(NO_CAMPAIGN, new Set(deliveries.map(({ recipient }) => recipient)));
    },
  };
}

function deliveryOf({ to, event, subject, html, file }: OperatorMail, now: Date): NewDelivery {
  return {
    id: newUuid(),
    lead: null,
    recipient: `alert:${to}`,
    event,
    contentType: "text/html; charset=utf-8",
    body: html,
    subject,
    request: { method: "mail", file },
    giveUpAt: new Date(now.getTime() + ALERT_SETTINGS.giveUpAfterSeconds * 1000).toISOString(),
  };
}
