/** What the configuration holds of those that are sent to. */
export type ConfiguredKind = "buyer" | "webhook" | "conversion";

/** `alert`: an address of the operators'. */
type RecipientKind = ConfiguredKind | "alert";

/** `buyer:<id>`, `webhook:<id>`, `conversion:<id>` or `alert:<e-mail address>`. */
export type Recipient = `${RecipientKind}:${string}`;

/** One that the configuration holds. */
export type ConfiguredRecipient = `${ConfiguredKind}:${string}`;

/** Takes a recipient apart, the only place that does. */
export function parseRecipient<Kind extends string>(
  recipient: `${Kind}:${string}`,
): { kind: Kind; id: string } {
  const colon = recipient.indexOf(":");
  return { kind: recipient.slice(0, colon) as Kind, id: recipient.slice(colon + 1) };
}
