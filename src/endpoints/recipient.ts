export type RecipientKind = "buyer" | "webhook";

/** `buyer:<id>` or `webhook:<id>`. */
export type Recipient = `${RecipientKind}:${string}`;

/** Takes a recipient apart, the only place that does. */
export function parseRecipient(recipient: Recipient): { kind: RecipientKind; id: string } {
  const kind = recipient.startsWith("buyer:") ? "buyer" : "webhook";
  return { kind, id: recipient.slice(kind.length + 1) };
}
