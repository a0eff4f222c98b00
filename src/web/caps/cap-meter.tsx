import { amountText, countText } from "#web/parts/money.tsx";

interface UsedCap {
  period: "hour" | "day" | "week" | "month" | "total";
  unit: "leads" | "amount";
  used: number | string;
  limit: number | string;
}

const PERIODS: Readonly<Record<UsedCap["period"], string>> = {
  hour: "an hour",
  day: "a day",
  week: "a week",
  month: "a month",
  total: "in all",
};

/** By what a cap is known among others. */
export function capKey(
  cap: Pick<UsedCap, "period" | "unit"> & {
    party: string;
    campaign_id: string | null;
    buyer_id: string | null;
    supplier_id: string | null;
  },
): string {
  return [cap.party, cap.campaign_id, cap.buyer_id, cap.supplier_id, cap.period, cap.unit].join(" ");
}

/** Of what a cap is: leads or money, and in which time. */
export function capInWords({ unit, period }: Pick<UsedCap, "unit" | "period">): string {
  return `${unit === "leads" ? "leads" : "money"} ${PERIODS[period]}`;
}

/** From here on a cap is close to full, as a share of it. */
export const CLOSE = 0.8;

/** How much of a cap is used, as a share of it from 0 on; over 1 where a limit was lowered below its use. */
export function usedShare({ used, limit }: Pick<UsedCap, "used" | "limit">): number {
  return Number(used) / Math.max(1e-9, Number(limit));
}

/** How much of a cap is used, as figures and as a bar that changes its colour when it is close to full. */
export function CapMeter({ cap }: { cap: UsedCap }) {
  const share = Math.min(1, usedShare(cap));
  const written = (value: number | string) =>
    cap.unit === "leads" ? countText(Number(value)) : amountText(value);
  return (
    <>
      <span className="num">
        {written(cap.used)} of {written(cap.limit)}
      </span>
      <meter
        min={0}
        max={1}
        value={share}
        data-close={share >= CLOSE}
        aria-label={`Used of ${capInWords(cap)}`}
      />
    </>
  );
}
