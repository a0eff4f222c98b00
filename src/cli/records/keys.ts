import { asks, type How, JSON_OPTION, says, table, type View } from "#cli/command/asking.ts";
import { type CommandContext, command, type Work } from "#cli/command/command.ts";
import { secretIn } from "#cli/command/file-body.ts";
import type { Column } from "#cli/command/table.ts";
import { isMapping, type Mapping } from "#text/problem.ts";

/** Of any kind of keys, the last use to the minute. */
export const KEY_COLUMNS: readonly Column[] = [
  "id",
  { title: "PREFIX", of: ({ prefix }) => `${String(prefix)}…` },
  "status",
  {
    title: "LAST USED",
    of: ({ last_used_at: usedAt }) => (typeof usedAt === "string" ? `${usedAt.slice(0, 16)}Z` : "never"),
  },
  "expires_at",
  "name",
];

/** What is done with the key alone, so that a script can take it. */
export const theKey = says(({ data }) => String(data.key));

/** What is said of a key that is no more. */
export const revoked = says(({ typed }) => `${String(typed.KEY_ID ?? typed.URL_ID)} revoked`);

/** The keys of a supplier, or of a buyer. One is imported from a file that holds it: the command line is kept in histories. */
export const keys = command({
  name: "keys",
  purpose: "create, list, rotate, revoke or import the keys of a supplier or a buyer",
  example: "leadgate keys create acme-media",
  options: {
    "--buyer": "the id is a buyer's; without this, a supplier's",
    "--overlap SECONDS": "with rotate: how long the old key stays good; a day unless said otherwise",
    "--expires TIME": "with create: when it ends, such as 2030-01-31T00:00:00Z; never unless said",
    ...JSON_OPTION,
  },
  forms: {
    "create ID [NAME] [--expires TIME]": ofParty("POST", "", "make one more, shown this once", theKey),
    "list ID": ofParty("GET", "", "list them", table(...KEY_COLUMNS)),
    "rotate ID KEY_ID [--overlap SECONDS]": ofParty(
      "POST",
      "/KEY_ID/rotate",
      "make one in place of another, which stays good for a while",
      theKey,
      { aside: ({ data: { replaced } }) => isGoodUntil(replaced) },
    ),
    "revoke ID KEY_ID": ofParty("DELETE", "/KEY_ID", "end one", revoked),
    "import ID FILE": ofParty(
      "POST",
      "",
      "take one over that another system made, from a file",
      says(({ data }) => `${String(data.id)} imported`),
      { sent: async (typed, context) => ({ name: "imported", secret: await secretIn(typed, context) }) },
    ),
  },
});

function isGoodUntil(replaced: unknown): string {
  return isMapping(replaced) ? `${String(replaced.id)} is good until ${String(replaced.expires_at)}` : "";
}

/** The same route of suppliers and of buyers. */
function ofParty(
  method: "GET" | "POST" | "DELETE",
  below: string,
  does: string,
  view: View,
  how: How = {},
): Work<Mapping> {
  const names = { expires: "expires_at", overlap: "overlap_seconds" };
  const all = { names, numbers: ["overlap"], apart: ["buyer", "ID"], ...how };
  const ofSupplier = asks(`${method} /suppliers/ID/keys${below}`, does, view, all);
  const ofBuyer = asks(`${method} /buyers/ID/keys${below}`, does, view, all);
  return Object.assign(
    (typed: Mapping, context: CommandContext) =>
      (typed.buyer === true ? ofBuyer : ofSupplier)(typed, context),
    { does, routes: [...ofSupplier.routes, ...ofBuyer.routes] },
  );
}
