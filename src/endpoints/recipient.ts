export type RecipientKind = "buyer" | "webhook" | "conversion";

/** `buyer:<id>`, `webhook:<id>` or `conversion:<id>`. */
export type Recipient = `${RecipientKind}:${string}`;

/** Takes a recipient apart, the only place that does. */
export function parseRecipient(recipient: Recipient): { kind: RecipientKind; id: string } {
  const colon = recipient.indexOf(":");
  return { kind: recipient.slice(0, colon) as RecipientKind, id: recipient.slice(colon + 1) };
}
