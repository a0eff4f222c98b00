/**
 * An amount of money: a whole number of ten-thousandths of the currency's unit, so USD 12.50 is 125000. Exact from
 * -900,719,925,474.0991 to 900,719,925,474.0991; whatever would leave that range throws a RangeError instead of
 * losing a digit. Amounts of one currency compare with `<` and `===` as they are.
 */
export type Amount = number & { readonly [amount]: true };
declare const amount: unique symbol;

const PER_UNIT = 10_000;
const DECIMALS = 4;

/** A sum of amounts of one currency, in the same ten-thousandths: exact, however many there are of them. */
export type MoneyTotal = bigint;

/** The total of what was stored as whole ten-thousandths, or the same that an amount is. */
export function moneyTotal(tenThousandths: string | Amount): MoneyTotal {
  return BigInt(tenThousandths);
}

/** Reads "12.50": at most nine digits before the point and four after; no sign, exponent or comma. */
export function parseAmount(text: string): Amount | undefined {
  if (!/^\d{1,9}(\.\d{1,4})?$/.test(text)) return undefined;
  return tenThousandths(text) as Amount;
}

/** The same with a sign: "-12.50". */
export function parseSignedAmount(text: string): Amount | undefined {
  const size = parseAmount(text.startsWith("-") ? text.slice(1) : text);
  if (size === undefined || size === 0) return size;
  return text.startsWith("-") ? negate(size) : size;
}

/**
 * Writes an amount, or a sum of amounts, with the currency's own decimals, and with up to four where there are more: "12.50", "12.345",
 * for JPY "1200". Throws a RangeError for a code that is no currency.
 */
export function formatAmount(amount: Amount | MoneyTotal, currency: string): string {
  const minor = minorDigits(currency);
  const [whole, rest] = unitsOf(amount);
  const step = 10 ** (DECIMALS - minor);
  const decimals =
    rest % step === 0
      ? String(rest / step).padStart(minor, "0")
      : String(rest).padStart(DECIMALS, "0").replace(/0+$/, "");
  return `${amount < 0 ? "-" : ""}${whole}${minor === 0 && rest === 0 ? "" : `.${decimals}`}`;
}

/** The whole units of an amount without its sign, and the ten-thousandths beside them. */
function unitsOf(amount: Amount | MoneyTotal): readonly [whole: number | bigint, rest: number] {
  if (amount >= -MOST && amount <= MOST) {
    const size = Math.abs(Number(amount));
    return [Math.floor(size / PER_UNIT), size % PER_UNIT];
  }
  const size = amount < 0 ? -BigInt(amount) : BigInt(amount);
  return [size / BigInt(PER_UNIT), Number(size % BigInt(PER_UNIT))];
}

/** The same where a party may be in no campaign yet and so has no currency: two decimals then, as most currencies have. */
export function inCurrency(amount: Amount | MoneyTotal, currency: string | null): string {
  return formatAmount(amount, currency ?? "USD");
}

/** The amount that was stored as whole ten-thousandths. Throws a RangeError for anything that is no such number. */
export function amountOfTenThousandths(stored: number): Amount {
  if (!Number.isSafeInteger(stored)) throw new RangeError("not an exact amount of money");
  return (stored === 0 ? 0 : stored) as Amount;
}

/** The amount of so many ten-thousandths; of more than can be exact, the most that can. */
export function nearestAmount(tenThousandths: number | MoneyTotal): Amount {
  return amountOfTenThousandths(Math.max(-MOST, Math.min(MOST, Number(tenThousandths))));
}

const MOST = Number.MAX_SAFE_INTEGER;

/** Throws a RangeError when the sum is too large to be exact. */
export function add(one: Amount, other: Amount): Amount {
  return amountOfTenThousandths(one + other);
}

/** Of no amounts, zero. Throws a RangeError when the sum is too large to be exact. */
export function sum(amounts: readonly Amount[]): Amount {
  return amounts.reduce(add, amountOfTenThousandths(0));
}

/** May be negative. Throws a RangeError when the difference is too large to be exact. */
export function subtract(from: Amount, other: Amount): Amount {
  return amountOfTenThousandths(from - other);
}

/** What takes back an amount; of nothing, nothing. */
export function negate(amount: Amount): Amount {
  return amountOfTenThousandths(0 - amount);
}

/**
 * `percent` of an amount, rounded half to even to the currency's minor unit (half a cent becomes none, one and a half become two), so that
 * many small shares favour nobody. A negative amount is rounded as its positive is, so that what is taken back equals what was given.
 * Throws a RangeError for a percentage that `isPercent` refuses, or a code that is no currency.
 */
export function percentOf(amount: Amount, percent: string | number, currency: string): Amount {
  if (!isPercent(percent)) throw new RangeError("a percentage is from 0 to 100, with at most 4 decimals");
  // BigInt because the product leaves the safe range of a double from 900,000 units upwards.
  const product = BigInt(Math.abs(amount)) * BigInt(tenThousandths(String(percent)));
  const minorUnit = 10n ** BigInt(DECIMALS - minorDigits(currency));
  const divisor = BigInt(100 * PER_UNIT) * minorUnit;
  const [whole, twiceTheRest] = [product / divisor, (product % divisor) * 2n];
  const isUp = twiceTheRest > divisor || (twiceTheRest === divisor && whole % 2n === 1n);
  const rounded = Number((isUp ? whole + 1n : whole) * minorUnit);
  return amountOfTenThousandths(amount < 0 ? -rounded : rounded);
}

/** Whether this is a percentage from 0 to 100 with at most four decimals: "12.5", 70. */
export function isPercent(percent: string | number): boolean {
  const text = String(percent);
  return /^\d{1,3}(\.\d{1,4})?$/.test(text) && tenThousandths(text) <= 100 * PER_UNIT;
}

/** Whether this is an ISO 4217 code, in upper case, as this runtime's Unicode data know them. */
export function isCurrency(code: string): boolean {
  return currencies.has(code);
}

/** Whether amounts of a currency are written with a dollar sign. Throws a RangeError for a code that is no currency. */
export function isOfDollars(currency: string): boolean {
  const format = new Intl.NumberFormat("en", {
    style: "currency",
    currency,
    currencyDisplay: "narrowSymbol",
  });
  return format.formatToParts(0).some(({ type, value }) => type === "currency" && value === "$");
}

const currencies: ReadonlySet<string> = new Set(Intl.supportedValuesOf("currency"));

/** Decimal text that was already checked, as ten-thousandths. The digits are shifted as text, so nothing is rounded. */
function tenThousandths(text: string): number {
  const [whole = "", decimals = ""] = text.split(".");
  return Number(whole + decimals.padEnd(DECIMALS, "0"));
}

/** A formatter costs far more than the amount that it is asked about, so its answer is kept; there are ~300 codes. */
const knownMinorDigits = new Map<string, number>();

function minorDigits(currency: string): number {
  const known = knownMinorDigits.get(currency);
  if (known !== undefined) return known;
  if (!isCurrency(currency)) throw new RangeError("not an ISO 4217 currency code");
  const options = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions();
  const digits = options.maximumFractionDigits ?? 2;
  knownMinorDigits.set(currency, digits);
  return digits;
}
