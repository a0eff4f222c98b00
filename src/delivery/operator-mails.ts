import type { Queryable } from "#database/database.ts";
import { operatorMail } from "#delivery/outbox/operator-mail.ts";
import { insertBesideCampaigns, NO_CAMPAIGN } from "#delivery/outbox/outbox-records.ts";
import type { Recipient } from "#endpoints/recipient.ts";
import type { Mails } from "#handover/mails.ts";

/** E-mails to operators through the outbox. `wake` says that something is due for these recipients of a campaign. */
export function openMails(wake: (campaignId: string, recipients: Iterable<Recipient>) => void): Mails {
  return {
    async mail(tx: Queryable, mails, now) {
      const deliveries = mails.map(({ html, file, ...mail }) =>
        operatorMail(
          { ...mail, contentType: "text/html; charset=utf-8", body: html, request: { method: "mail", file } },
          now,
        ),
      );
      await insertBesideCampaigns(tx, deliveries, now.toISOString());
      return () => wake(NO_CAMPAIGN, new Set(deliveries.map(({ recipient }) => recipient)));
    },
  };
}
