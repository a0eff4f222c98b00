/** Amounts of the API have four decimals at most, so sums of them are exact in ten-thousandths. */
const DECIMALS = 4;

/** The exact sum of amounts in decimal text, with the decimals of the one that has most. */
export function sumOf(amounts: readonly string[]): string {
  const decimals = Math.max(0, ...amounts.map((amount) => amount.split(".")[1]?.length ?? 0));
  const sum = amounts.reduce((before, amount) => before + tenThousandths(amount), 0n);
  const sign = sum < 0n ? "-" : "";
  const digits = String(sum < 0n ? -sum : sum).padStart(DECIMALS + 1, "0");
  const [whole, part] = [digits.slice(0, -DECIMALS), digits.slice(-DECIMALS).slice(0, decimals)];
  return `${sign}${whole}${part === "" ? "" : `.${part}`}`;
}

/** An amount taken away instead of added. */
export function negative(amount: string): string {
  if (Number(amount) === 0) return amount;
  return amount.startsWith("-") ? amount.slice(1) : `-${amount}`;
}

function tenThousandths(amount: string): bigint {
  const [whole = "0", part = ""] = amount.replace("-", "").split(".");
  const size = BigInt(whole + part.slice(0, DECIMALS).padEnd(DECIMALS, "0"));
  return amount.startsWith("-") ? -size : size;
}

/** Whether a text is an amount above zero, as the API takes one. */
export function isAmount(text: string): boolean {
  return /^\d+(\.\d{1,4})?$/.test(text.trim()) && Number(text) > 0;
}
