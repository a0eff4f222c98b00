/**
 * What an operator's key may do; each role may do all that the ones before it may. `read`: look. `operate`: daily work, such as
 * sending again, suppression entries and payments. `admin`: configuration, keys, secrets, erasure, backups.
 */
export type Role = "read" | "operate" | "admin";

/** All roles, the least first. */
export const ROLES = ["read", "operate", "admin"] as const satisfies readonly Role[];

/** Whether a key of the role `held` may do what needs the role `needed`. */
export function covers(held: Role, needed: Role): boolean {
  return ROLES.indexOf(held) >= ROLES.indexOf(needed);
}

export function isRole(value: unknown): value is Role {
  return ROLES.some((role) => role === value);
}
