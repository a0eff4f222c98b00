import { type Database, readWhatIsThere } from "#database/database.ts";
import { openAlerts } from "#delivery/alerts/alerts.ts";
import { Checking } from "#delivery/checks/checking.ts";
import { forgetOldChecks } from "#delivery/checks/checking-records.ts";
import { Dispatcher } from "#delivery/outbox/dispatcher.ts";
import type { AttemptRecord } from "#delivery/outbox/outbox-records.ts";
import { readOutboxState } from "#delivery/outbox/outbox-state-records.ts";
import { openOutboxStore } from "#delivery/outbox/outbox-store.ts";
import { openRecipients, type Recipients } from "#delivery/recipients/recipients.ts";
import { createMailer } from "#delivery/transport/mail.ts";
import { createSender, type SenderParts } from "#delivery/transport/send.ts";
import type { Recipient } from "#endpoints/recipient.ts";
import type { Tell } from "#handover/alert.ts";
import type { Bidders } from "#handover/bidders.ts";
import type { Checkers } from "#handover/checkers.ts";
import type { Mails } from "#handover/mails.ts";
import type { Outbox } from "#handover/outbox.ts";
import type { BidRequest, TriedPing } from "#leads/bid.ts";
import type { OutboxState } from "#leads/delivery-state.ts";
import type { Log } from "#telemetry/log.ts";
import type { Observer, Tracing } from "#telemetry/observer.ts";
import type { Cidr } from "#text/cidr.ts";
import type { Clock } from "#time/clock.ts";
import { HOUR_MS } from "#time/durations.ts";
import type { Jobs } from "#time/jobs.ts";
import { lookEvery } from "#time/look-every.ts";
import type { Running } from "#time/running.ts";
import { Bidding } from "./bidding.ts";
import { openOutbox } from "./handover.ts";
import { openMails } from "./operator-mails.ts";
import { deliverTest } from "./test-delivery.ts";

export interface DeliveryParts {
  database: Database;
  clock: Clock;
  log: Log;
  /** The key under which signing secrets are sealed. */
  secretKey: Uint8Array;
  /** Private networks that webhooks may reach. */
  allowedCidrs: readonly Cidr[];
  /** The mail server and the sender's address; null: e-mail cannot be sent. */
  mail: { url: string; from: string } | null;
  userAgent: string;
  /** Where Meta is told of conversions, without a slash at the end. */
  graphUrl: string;
  /** From 0 up to 1, for jitter. */
  random(): number;
  observer: Observer;
  tracing?: Tracing | undefined;
  jobs: Jobs;
  /** How names are looked up, and whom TLS trusts; the system's ways when absent. */
  dialling?: Pick<SenderParts, "resolve" | "authorities">;
}

/** Delivery as the rest of the server sees it: intake's outbox, the bidders that pings ask, and a look at what is being sent. */
export interface Delivery extends Outbox, Bidders, Checkers, Mails, Running {
  /** Tells operators of something that happens beside leads. */
  tell: Tell;
  /** Sends a buyer one `webhook.test`, once, whatever is known against its endpoint; resolves with what came of it. */
  test(buyerId: string): Promise<AttemptRecord | "no_delivery" | "stopping">;
  /** Asks a buyer for a bid once, whatever is known against its endpoint; undefined: it has no ping. */
  testPing(buyerId: string, request: BidRequest): Promise<TriedPing | undefined>;
  /** Attempts of this server that are on their way. */
  inFlight(): number;
  /**
   * Hands an e-mail to the mail server at once: past the outbox and on record nowhere, as what holds a secret must be. Whether the server
   * took it; null: none is set.
   */
  mailNow(mail: { id: string; to: string; subject: string; body: string }): Promise<boolean | null>;
  /** Whether the mail server takes us in; null: none is set. */
  mailAnswers(): Promise<boolean | null>;
  /** Those whose stored secrets do not open. */
  locked: Recipients["locked"];
  /** How the endpoints stand of those who are sent deliveries; `paused`: one answered 410. */
  endpoints: Recipients["endpoints"];
  /** How much the outbox of all servers holds. Throws DatabaseUnavailable. */
  outboxState(): Promise<OutboxState>;
  /** Something is due for these recipients of a campaign, from whatever time: an operator has made it so. */
  wake(campaignId: string, recipients: Iterable<Recipient>): void;
}

/** How often what checks have left is looked through, in ms. */
const FORGET_CHECKS_EVERY_MS = HOUR_MS;
const MAIL_ANSWERS_WITHIN_MS = 4_000;
const MAIL_TAKEN_WITHIN_MS = 20_000;

export function openDelivery(parts: DeliveryParts): Delivery {
  const { database, clock, mail } = parts;
  const alerts = openAlerts({
    ...parts,
    mailIsSetUp: mail !== null,
    wake: (...due) => dispatcher.wake(...due),
  });
  const { tell, tellIn } = alerts;
  const recipients = openRecipients({ ...parts, tellIn });
  const sender = createSender({ clock, allowedCidrs: parts.allowedCidrs, ...parts.dialling });
  const mailer = mail === null ? null : createMailer({ clock, ...mail });
  const store = openOutboxStore(database, tellIn);
  const told = { refused: () => {}, answered: () => {} };
  let isTold = () => false;
  const dispatcher = new Dispatcher({
    ...parts,
    outbox: store,
    recipients,
    sender,
    mailer,
    refused: () => told.refused(),
    answered: () => told.answered(),
    isTold: () => isTold(),
  });
  const bidding = new Bidding({ ...parts, recipients, sender });
  const checking = new Checking({ ...parts, sender });
  const forgetting = forgetChecks(parts);
  return {
    ...openOutbox({ database, dispatcher, recipients, tellIn }),
    tell,
    onRefusal(listener) {
      told.refused = listener;
    },
    onAnswer(listener) {
      told.answered = listener;
    },
    ...openMails((...due) => dispatcher.wake(...due)),
    askForBids: (buyers, request, budgetMs) => bidding.askForBids(buyers, request, budgetMs),
    askChecks: (lead, checks, budgetMs) => checking.askChecks(lead, checks, budgetMs),
    test: (buyerId) => deliverTest(`buyer:${buyerId}`, { database, clock, recipients, dispatcher }),
    testPing: (buyerId, request) => bidding.tryOut(buyerId, request),
    async mailNow({ to, ...mail }) {
      if (mailer === null) return null;
      const sent = { ...mail, to: [to], format: "text", timeoutMs: MAIL_TAKEN_WITHIN_MS } as const;
      return (await mailer.send(sent)).result.kind === "answered";
    },
    mailAnswers: async () => (mailer === null ? null : await mailer.answers(MAIL_ANSWERS_WITHIN_MS)),
    inFlight: () => dispatcher.inFlight(),
    locked: recipients.locked,
    endpoints: recipients.endpoints,
    outboxState: () => readWhatIsThere(database)((db) => readOutboxState(db, clock.now().toISOString())),
    wake(campaignId, woken) {
      recipients.invalidate();
      store.forget();
      dispatcher.wake(campaignId, woken);
    },
    start() {
      alerts.start();
      isTold = database.listen(() => {
        recipients.invalidate();
        dispatcher.look();
      });
      dispatcher.start();
      forgetting.start();
    },
    async stop() {
      await forgetting.stop();
      await dispatcher.stop();
      await alerts.stop();
      sender.close();
    },
  };
}

/** Forgets what checks were answered once that is not good any more. */
function forgetChecks({ database, clock, log, jobs }: DeliveryParts): Running {
  return lookEvery({
    clock,
    who: jobs,
    everyMs: FORGET_CHECKS_EVERY_MS,
    look: () => database.write((tx) => forgetOldChecks(tx, clock.now())),
    failed: (error) => log.warn("old answers of checks cannot be forgotten", { error }),
  });
}
