import { asks, record, table } from "#cli/command/asking.ts";
import { command } from "#cli/command/command.ts";
import { fileBody } from "#cli/command/file-body.ts";
import { KEY_COLUMNS } from "#cli/records/keys.ts";
import { capsUsed } from "#cli/records/usage.ts";
import { ACCOUNT_OPTIONS, accountForms, booked } from "./account-forms.ts";
import { PART_OPTIONS, partForms, sets, settingColumn } from "./part-forms.ts";
import { PORTAL_OPTIONS, portalForms } from "./portal-forms.ts";
import { againForms, RECIPIENT_OPTIONS, signedForms } from "./recipient-forms.ts";

/** Who buys leads. */
export const buyers = command({
  name: "buyers",
  purpose: "look at buyers, change them, try their endpoints, and keep their accounts",
  example: "leadgate buyers deposit national-solar 500.00",
  options: {
    ...RECIPIENT_OPTIONS,
    ...ACCOUNT_OPTIONS,
    "--campaign ID": "with ping: as of this campaign",
    "--fields FILE": "with ping: what is pinged, in YAML or JSON; else a state and a ZIP code",
    ...PORTAL_OPTIONS,
    ...PART_OPTIONS,
  },
  forms: {
    ...partForms(
      "buyers",
      "BUYER",
      "buyer",
      "name",
      settingColumn("status", "active"),
      settingColumn("billing.mode", "manual"),
      settingColumn("delivery.method", "none"),
      "delivery.url",
    ),
    "pause BUYER": sets("buyers", "BUYER", "paused", "sell it nothing more"),
    "unpause BUYER": sets("buyers", "BUYER", "active", "sell to it again"),
    "keys BUYER": asks("GET /buyers/BUYER/keys", "its keys; see leadgate help keys", table(...KEY_COLUMNS)),
    "usage BUYER": asks("GET /usage", "how much of each cap is used", capsUsed),
    ...signedForms("buyers", "BUYER"),
    ...againForms("buyers", "BUYER"),
    "ping BUYER [--campaign ID] [--fields FILE]": asks(
      "POST /buyers/BUYER/test-ping",
      "ask it for a bid, and show how its answer is read",
      record,
      {
        sent: async ({ campaign, fields }, context) => ({
          ...(campaign !== undefined && { campaign }),
          ...(fields !== undefined && { fields: await fileBody({ FILE: fields }, context) }),
        }),
      },
    ),
    ...portalForms("buyers", "BUYER"),
    ...accountForms("buyers", "BUYER"),
    "deposit BUYER AMOUNT [--reference TEXT] [--currency CODE]": asks(
      "POST /buyers/BUYER/deposits",
      "put on record that it paid",
      booked,
    ),
    "invoice BUYER MONTH [--currency CODE]": asks(
      "POST /buyers/BUYER/invoices",
      "close a month, such as 2030-01, into an invoice",
      record,
    ),
  },
});
