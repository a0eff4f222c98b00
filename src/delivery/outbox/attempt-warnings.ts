import type { CompiledRecipient } from "#delivery/recipients/compiled-recipient.ts";
import { recipientFields } from "#delivery/recipients/endpoint-alert.ts";
import { parseRecipient, type Recipient } from "#endpoints/recipient.ts";
import type { Log } from "#telemetry/log.ts";
import type { AttemptRecord } from "./outbox-records.ts";

/** Warns of what keeps everything from a recipient and is not the recipient's to mend. */
export function attemptWarnings(
  log: Log,
): (recipient: Recipient, settings: CompiledRecipient["delivery"], result: AttemptRecord) => void {
  return (recipient, settings, { failure }) => {
    // Of these there is no alert: whom it would tell is who cannot be told.
    if (failure !== null && parseRecipient(recipient).kind === "alert")
      return log.warn("an e-mail to operators cannot be sent", { reason: failure });
    const message = warningOf(failure, settings);
    if (message !== undefined) log.warn(message, recipientFields(recipient));
  };
}

function warningOf(failure: string | null, settings: CompiledRecipient["delivery"]): string | undefined {
  if (failure === "no_endpoint" && settings?.method === "email")
    return "nothing can be sent by e-mail, since SMTP_URL is not set";
  if (failure === "refused_address")
    return "an address is refused, since it is no public one; WEBHOOK_ALLOW_CIDRS opens ranges";
  return undefined;
}
