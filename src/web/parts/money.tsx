const formats = new Map<string, Intl.NumberFormat>();

/** An amount, written as is usual where the viewer is. `value` is decimal text; null shows a dash. */
export function Money({ value, currency }: { value: string | null | undefined; currency: string }) {
  if (value === null || value === undefined) return <span className="dim">–</span>;
  return <span className="num">{moneyText(value, currency)}</span>;
}

export function moneyText(value: string | number, currency: string): string {
  let format = formats.get(currency);
  if (format === undefined) {
    format = new Intl.NumberFormat(undefined, { style: "currency", currency });
    formats.set(currency, format);
  }
  return format.format(Number(value));
}

const whole = new Intl.NumberFormat();

export function countText(value: number): string {
  return whole.format(value);
}

const amounts = new Intl.NumberFormat(undefined, { minimumFractionDigits: 2 });

/** An amount whose currency is not said. */
export function amountText(value: string | number): string {
  return amounts.format(Number(value));
}
