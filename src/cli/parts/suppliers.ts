import { asks, says, table } from "#cli/command/asking.ts";
import { command } from "#cli/command/command.ts";
import { KEY_COLUMNS } from "#cli/records/keys.ts";
import { capsUsed } from "#cli/records/usage.ts";
import { ACCOUNT_OPTIONS, accountForms, booked, withCurrency } from "./account-forms.ts";
import { PART_OPTIONS, partForms, sets, settingColumn } from "./part-forms.ts";
import { PORTAL_OPTIONS, portalForms } from "./portal-forms.ts";

/** Who sends leads. */
export const suppliers = command({
  name: "suppliers",
  purpose: "look at suppliers, change them, and keep their accounts",
  example: "leadgate suppliers payment acme-media 500.00 --reference 'transfer 4711'",
  options: {
    ...ACCOUNT_OPTIONS,
    "--campaign ID": "with cost: of this campaign",
    "--source TEXT": "with cost: of leads with this source",
    ...PORTAL_OPTIONS,
    ...PART_OPTIONS,
  },
  forms: {
    ...partForms("suppliers", "SUPPLIER", "supplier", "name", settingColumn("status", "active"), "test_mode"),
    "pause SUPPLIER": sets("suppliers", "SUPPLIER", "paused", "take no more leads from it"),
    "unpause SUPPLIER": sets("suppliers", "SUPPLIER", "active", "take leads from it again"),
    "keys SUPPLIER": asks(
      "GET /suppliers/SUPPLIER/keys",
      "its keys; see leadgate help keys",
      table(...KEY_COLUMNS),
    ),
    "usage SUPPLIER": asks("GET /usage", "how much of each cap is used", capsUsed),
    ...portalForms("suppliers", "SUPPLIER"),
    ...accountForms("suppliers", "SUPPLIER"),
    "payment SUPPLIER AMOUNT [--reference TEXT] [--currency CODE]": asks(
      "POST /suppliers/SUPPLIER/payments",
      "put on record that it was paid",
      booked,
    ),
    "cost SUPPLIER DAY AMOUNT [--campaign ID] [--source TEXT] [--currency CODE]": asks(
      "POST /suppliers/SUPPLIER/costs",
      "set what it costs for a day; see leadgate help costs for a file of them",
      says(({ data: { day, amount, currency, replaced } }) => {
        const before = typeof replaced === "string" ? `, in place of ${replaced}` : "";
        return `${withCurrency(amount, currency)} for ${String(day)}${before}.`;
      }),
    ),
  },
});
