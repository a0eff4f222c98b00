/** What a route says of itself in the API's description; src/docs adds the rest by the operation's id. */
export function describedAs(operationId: string, summary: string) {
  return { detail: { operationId, summary, tags: ["Operators"] } };
}
