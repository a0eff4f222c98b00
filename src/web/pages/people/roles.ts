import type { Role } from "#web/api/session.ts";

/** What an operator may do, to choose from. */
export const ROLES: readonly { value: Role; label: string }[] = [
  { value: "read", label: "read: look" },
  { value: "operate", label: "operate: the daily work too" },
  { value: "admin", label: "admin: everything" },
];
