import { asks, says, table } from "#cli/command/asking.ts";
import type { Work } from "#cli/command/command.ts";
import type { Mapping } from "#text/problem.ts";

/** The options of commands about portals. */
export const PORTAL_OPTIONS = {
  "--once": "with link: good for one login alone",
  "--expires TIME": "with link: when it ends, such as 2030-01-31T00:00:00Z; in a week unless said",
} as const;

type PortalLine<Word extends string> =
  | `link ${Word} [--once] [--expires TIME]`
  | `links ${Word}`
  | `unlink ${Word} LINK_ID`;

/** What can be done about who logs in to a party's portal. */
export function portalForms<Word extends string>(
  path: "buyers" | "suppliers",
  word: Word,
): Record<PortalLine<Word>, Work<Mapping>> {
  const all = `/${path}/${word}/links` as const;
  return {
    [`link ${word} [--once] [--expires TIME]`]: asks(
      `POST ${all}`,
      "make a link to its portal, shown this once",
      says(({ data }) => String(data.url)),
      { names: { expires: "expires_at" } },
    ),
    [`links ${word}`]: asks(
      `GET ${all}`,
      "the links to its portal, and who was sent them",
      table(
        "id",
        "status",
        { title: "SENT TO", of: ({ email }) => email ?? "handed over" },
        "once",
        "used_at",
        "expires_at",
      ),
    ),
    [`unlink ${word} LINK_ID`]: asks(
      `DELETE ${all}/LINK_ID`,
      "end one, and log out who came by it",
      says(({ typed }) => `${String(typed.LINK_ID)} revoked`),
    ),
  } as Record<PortalLine<Word>, Work<Mapping>>;
}
