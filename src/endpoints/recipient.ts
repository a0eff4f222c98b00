/** `buyer:<id>` or `webhook:<id>`. */
export type Recipient = `${"buyer" | "webhook"}:${string}`;
