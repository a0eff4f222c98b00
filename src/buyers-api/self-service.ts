import type { BuyerEntry } from "#campaigns/document.ts";
import type { ConfigurationStore } from "#configuration/apply.ts";
import { patchResource, ResourceRefused, readResource } from "#configuration/change-resource.ts";
import { completeSelfService } from "#configuration/defaults.ts";
import type { DocumentProblem } from "#configuration/problems/schema-problems.ts";
import { hasPausedItself, nameOfSelf } from "#configuration/self-pause.ts";
import type { Mapping } from "#text/problem.ts";
import { CAP_PERIODS } from "#time/period.ts";

/** A buyer as it is configured, as far as that is its own. */
export type OwnEntry = Pick<BuyerEntry, "name" | "status" | "caps" | "self_service"> & { id: string };

/** Why a buyer's change of itself was not made. */
export type NotChanged =
  | { why: "no_such_buyer" | "not_allowed" | "paused_by_operator" | "changed_meanwhile" }
  | { why: "not_valid"; problems: DocumentProblem[] };

/** A change of a buyer by itself: what it writes, and what of its settings allows it. */
interface OwnChange {
  allowedBy: "pause" | "caps";
  patch: Mapping;
}

const PAUSE: OwnChange = { allowedBy: "pause", patch: { status: "paused" } };
const RESUME: OwnChange = { allowedBy: "pause", patch: { status: "active" } };

export async function readOwnEntry(
  configured: Pick<ConfigurationStore, "database">,
  buyerId: string,
): Promise<OwnEntry | undefined> {
  const found = await readResource(configured, "buyer", buyerId);
  return found?.resource;
}

/** Takes the buyer out of routing, for the very next lead. */
export function pauseSelf(
  buyerId: string,
  configured: ConfigurationStore,
  now: Date,
): Promise<OwnEntry | NotChanged> {
  return changeSelf(buyerId, PAUSE, configured, now);
}

/** Brings it back, unless it was the operator who paused it. */
export async function resumeSelf(
  buyerId: string,
  configured: ConfigurationStore,
  now: Date,
): Promise<OwnEntry | NotChanged> {
  const entry = await readOwnEntry(configured, buyerId);
  const mayEnd = () => configured.database.read((db) => hasPausedItself(db, buyerId));
  if (entry?.status === "paused" && !(await mayEnd())) return { why: "paused_by_operator" };
  return changeSelf(buyerId, RESUME, configured, now);
}

/** Puts caps in the place of all that the buyer has. */
export function capSelf(
  buyerId: string,
  caps: Mapping,
  configured: ConfigurationStore,
  now: Date,
): Promise<OwnEntry | NotChanged> {
  const none = Object.fromEntries(CAP_PERIODS.map((period) => [period, null]));
  const replaced = Object.entries(caps).map(([period, cap]) => [period, capInPlace(cap)]);
  const patch = { caps: { ...none, ...Object.fromEntries(replaced) } };
  return changeSelf(buyerId, { allowedBy: "caps", patch }, configured, now);
}

/** A merge patch keeps what it does not name. */
function capInPlace(cap: unknown): unknown {
  return typeof cap === "object" && cap !== null && !Array.isArray(cap)
    ? { leads: null, amount: null, ...cap }
    : cap;
}

async function changeSelf(
  buyerId: string,
  { allowedBy, patch }: OwnChange,
  configured: ConfigurationStore,
  now: Date,
): Promise<OwnEntry | NotChanged> {
  const found = await readResource(configured, "buyer", buyerId);
  if (found === undefined) return { why: "no_such_buyer" };
  const entry: OwnEntry = found.resource;
  if (!completeSelfService(entry)[allowedBy]) return { why: "not_allowed" };
  try {
    // As it was read, so that what allows the change is what was just seen.
    const by = { by: nameOfSelf(buyerId), now, ifTag: [found.tag] };
    const { resource } = await patchResource(configured, "buyer", buyerId, patch, by);
    return resource;
  } catch (error) {
    if (!(error instanceof ResourceRefused)) throw error;
    const { refusal } = error;
    if (refusal.why === "not_valid") return { why: "not_valid", problems: refusal.problems };
    return { why: refusal.why === "changed_since" ? "changed_meanwhile" : "no_such_buyer" };
  }
}
