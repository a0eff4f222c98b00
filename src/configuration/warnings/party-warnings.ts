import type { CompleteDocument, ReportDefinition } from "#campaigns/definition.ts";
import type { BuyerEntry } from "#campaigns/document.ts";
import type { WithId } from "#configuration/identify.ts";
import { amountOfTenThousandths, parseAmount } from "#money/amount.ts";
import { type Surroundings, type Warning, warning } from "./warning.ts";

/** Suppliers and buyers in no campaign, and lists that nobody names or is on. */
export function linkageWarnings(
  { suppression_lists: lists, suppliers, buyers, campaigns }: CompleteDocument,
  { emptyLists }: Surroundings,
): Warning[] {
  const open = campaigns.filter(({ status }) => status !== "archived");
  const linked = new Set(open.flatMap((campaign) => campaign.suppliers.map(({ supplier }) => supplier)));
  const buying = new Set(open.flatMap((campaign) => campaign.buyers.map(({ buyer }) => buyer)));
  const named = new Set([...open, ...buyers].flatMap((part) => part.suppression_lists));
  const unlinked = (
    kind: "suppliers" | "buyers",
    parts: readonly { id: string; status: string }[],
    known: Set<string>,
  ) =>
    parts
      .filter(({ id, status }) => status === "active" && !known.has(id))
      .map(({ id }) => warning(`${kind}[${id}]`, "not_linked", "is in no campaign"));
  return [
    ...unlinked("suppliers", suppliers, linked),
    ...unlinked("buyers", buyers, buying),
    ...lists.flatMap(({ id }) => {
      const path = `suppression_lists[${id}]`;
      if (!named.has(id)) return [warning(path, "list_not_used", "is named by no campaign and no buyer")];
      return emptyLists.has(id)
        ? [
            warning(
              path,
              "list_empty",
              `has nobody on it yet: leadgate suppress import FILE --list ${id} puts people there`,
            ),
          ]
        : [];
    }),
  ];
}

/** A wallet with nothing in it, and a credit of nothing. */
export function walletWarnings(
  { id, billing }: WithId<Pick<BuyerEntry, "billing">>,
  { balances }: Surroundings,
): Warning[] {
  const path = `buyers[${id}].billing`;
  if (billing?.mode === "credit" && parseAmount(billing.limit) === 0) {
    return [
      warning(`${path}.limit`, "wallet_empty", "is nothing: the buyer gets leads only for what was paid in"),
    ];
  }
  const left = balances.get(id) ?? amountOfTenThousandths(0);
  if (billing?.mode !== "wallet" || left > 0) return [];
  return [
    warning(
      path,
      "wallet_empty",
      "is a wallet with nothing in it: the buyer gets no lead until something is paid in",
    ),
  ];
}

/** A report that nobody can be sent. */
export function reportWarnings(
  { id, status, timezone }: ReportDefinition,
  { mailIsSetUp }: Surroundings,
): Warning[] {
  const path = `reports[${id}]`;
  const isUnsent = status === "active" && !mailIsSetUp;
  return [
    ...zoneWarnings(timezone, path),
    ...(isUnsent
      ? [
          warning(
            `${path}.to`,
            "mail_not_set_up",
            "is by e-mail, and the server has no SMTP_URL: nothing is sent",
          ),
        ]
      : []),
  ];
}

/** Zones whose clock never changes, which nobody on a clock that does means. */
const FIXED = /^(EST|MST|HST|Etc\/GMT[+-]\d+)$/;

/** Of a zone that has no summer time, with the one that is meant. */
export function zoneWarnings(timezone: string | null, path: string): Warning[] {
  if (timezone === null || !FIXED.test(timezone)) return [];
  const meant = MEANT[timezone];
  const hint = meant === undefined ? "" : `; ${meant} has`;
  return [
    warning(
      `${path}.timezone`,
      "zone_without_summer_time",
      `is ${timezone}, which has no summer time${hint}`,
    ),
  ];
}

const MEANT: Readonly<Record<string, string | undefined>> = {
  EST: "America/New_York",
  MST: "America/Denver",
};
