import type { Role } from "#access/role.ts";

/**
 * What a route says of itself: in the API's description, where src/docs adds the rest by the operation's id, and to the one hook
 * that decides who may call it. A route without a role is refused to everyone.
 */
export function describedAs(operationId: string, summary: string, role: Role) {
  return { detail: { operationId, summary, tags: ["Operators"], "x-role": role } };
}
