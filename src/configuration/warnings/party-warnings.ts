import type { CompleteDocument, ReportDefinition } from "#campaigns/definition.ts";
import type { BuyerEntry } from "#campaigns/document.ts";
import type { WithId } from "#configuration/identify.ts";
import { type Amount, amountOfTenThousandths, parseAmount } from "#money/amount.ts";
import { mailboxWarnings } from "./address-warnings.ts";
import { type Surroundings, type Warning, warning } from "./warning.ts";
import { zoneWarnings } from "./zone-warnings.ts";

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

/**
 * A wallet or a credit that nothing is left in, or less than a lead costs. `cheapest`: the least that the buyer pays for one; undefined:
 * it bids, or buys nothing.
 */
export function walletWarnings(
  { id, billing }: WithId<Pick<BuyerEntry, "billing">>,
  { balances }: Surroundings,
  cheapest: Amount | undefined,
): Warning[] {
  const path = `buyers[${id}].billing`;
  if (billing?.mode === "credit") return creditWarnings(billing, path, cheapest);
  if (billing?.mode !== "wallet") return [];
  const left = balances.get(id) ?? NOTHING;
  if (left > 0 && (cheapest === undefined || left >= cheapest)) return [];
  const what = left > 0 ? "less in it than a lead costs" : "nothing in it";
  const message = `is a wallet with ${what}: the buyer gets no lead until something is paid in`;
  return [warning(path, "wallet_empty", message)];
}

function creditWarnings(
  { limit, low_balance }: { limit: string; low_balance?: string },
  path: string,
  cheapest: Amount | undefined,
): Warning[] {
  const credit = parseAmount(limit) ?? NOTHING;
  const isTooLittle = credit === NOTHING || (cheapest !== undefined && credit < cheapest);
  const what = credit === NOTHING ? "nothing" : "less than a lead costs";
  const low = low_balance === undefined ? NOTHING : (parseAmount(low_balance) ?? NOTHING);
  return [
    ...(isTooLittle
      ? [
          warning(
            `${path}.limit`,
            "wallet_empty",
            `is ${what}: the buyer gets leads only for what was paid in`,
          ),
        ]
      : []),
    ...(low > credit
      ? [
          warning(
            `${path}.low_balance`,
            "always_low",
            "is more than the limit: the balance is low from the start",
          ),
        ]
      : []),
  ];
}

const NOTHING = amountOfTenThousandths(0);

/** What is of campaigns that are all archived: nothing happens in them any more. */
export function archivedWarnings({ webhooks, conversions, reports, campaigns }: CompleteDocument): Warning[] {
  const archived = new Set(campaigns.filter(({ status }) => status === "archived").map(({ id }) => id));
  const isIdle = (part: { status: string; campaigns: readonly string[] | null }) =>
    part.status === "active" && part.campaigns?.every((id) => archived.has(id)) === true;
  return Object.entries({ webhooks, conversions, reports }).flatMap(([list, parts]) =>
    parts
      .filter(isIdle)
      .map(({ id }) =>
        warning(`${list}[${id}].campaigns`, "not_linked", "are all archived: there is nothing to tell"),
      ),
  );
}

/** A report that nobody can be sent. */
export function reportWarnings(
  { id, status, timezone, to }: ReportDefinition,
  { mailIsSetUp }: Surroundings,
): Warning[] {
  const path = `reports[${id}]`;
  const isUnsent = status === "active" && !mailIsSetUp;
  return [
    ...zoneWarnings(timezone, path),
    ...(status === "active" ? mailboxWarnings(to, `${path}.to`) : []),
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
