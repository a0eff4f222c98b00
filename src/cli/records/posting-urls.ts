import { asks, JSON_OPTION, says, table } from "#cli/command/asking.ts";
import { command } from "#cli/command/command.ts";
import { KEY_COLUMNS, revoked } from "./keys.ts";

/** The addresses that suppliers without headers post to. */
export const postingUrls = command({
  name: "posting-urls",
  purpose: "create, list or revoke the addresses that a supplier posts to without a header",
  example: "leadgate posting-urls create acme-media --campaign solar",
  options: {
    "--campaign ID": "with create: the campaign that all its leads are for; else each lead says its own",
    "--name NAME": "with create: what it is for, to be told from others",
    "--expires TIME": "with create: when it ends, such as 2030-01-31T00:00:00Z; never unless said",
    ...JSON_OPTION,
  },
  forms: {
    "create SUPPLIER [--campaign ID] [--name NAME] [--expires TIME]": asks(
      "POST /suppliers/SUPPLIER/posting-urls",
      "make one, shown this once",
      says(({ data }) => String(data.url)),
      { names: { expires: "expires_at" } },
    ),
    "list SUPPLIER": asks(
      "GET /suppliers/SUPPLIER/posting-urls",
      "list them",
      table("id", { title: "CAMPAIGN", of: ({ campaign }) => campaign ?? "any" }, ...KEY_COLUMNS.slice(1)),
    ),
    "revoke SUPPLIER URL_ID": asks("DELETE /suppliers/SUPPLIER/posting-urls/URL_ID", "end one", revoked),
  },
});
