import { type EmailSettings, STANDARD_SCHEDULE } from "./delivery-settings.ts";

/** How e-mails to operators are sent. */
export const ALERT_SETTINGS: Omit<EmailSettings, "to"> = {
  method: "email",
  subject: "",
  format: "text",
  template: null,
  body: "full",
  dropsTests: false,
  whenDown: "keep",
  timeoutSeconds: 15,
  retrySchedule: STANDARD_SCHEDULE,
  giveUpAfterSeconds: 86_400,
  maxInFlight: 2,
};
