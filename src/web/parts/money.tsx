const formats = new Map<string, Intl.NumberFormat>();

/** An amount, written as is usual where the viewer is. `value` is decimal text; null shows a dash. */
export function Money({ value, currency }: { value: string | null | undefined; currency: string }) {
  if (value === null || value === undefined) return <span className="dim">–</span>;
  return <span className="num">{moneyText(value, currency)}</span>;
}

/** So many characters of a big figure there is room for on a phone. */
const MOST_CHARACTERS = 11;

/** A big figure: a long amount is written without cents, a longer one in millions; the whole of it is said to who points at it. */
export function ShortMoney({ value, currency }: { value: string; currency: string }) {
  const whole = moneyText(value, currency);
  const text = shortText(value, currency, whole);
  return (
    <span className="num" title={text === whole ? undefined : whole}>
      {text}
    </span>
  );
}

function shortText(value: string, currency: string, whole: string): string {
  if (whole.length <= MOST_CHARACTERS) return whole;
  const without = writtenAs({ style: "currency", currency, maximumFractionDigits: 0 }, value);
  if (without.length <= MOST_CHARACTERS) return without;
  return writtenAs({ style: "currency", currency, notation: "compact", maximumFractionDigits: 2 }, value);
}

function writtenAs(how: Intl.NumberFormatOptions, value: string): string {
  return new Intl.NumberFormat(undefined, how).format(Number(value));
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
