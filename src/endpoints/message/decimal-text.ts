/** A decimal number with so many decimals, exact, a half rounded away from zero; undefined for what is none. */
export function decimalText(text: string, decimals: number): string | undefined {
  const plain = withoutExponent(text);
  const [, sign, whole, part = ""] = /^(-?)(\d{1,400})(?:\.(\d{1,400}))?$/.exec(plain) ?? [];
  if (whole === undefined) return undefined;
  const kept = BigInt(whole + part.slice(0, decimals).padEnd(decimals, "0"));
  const rounded = (part[decimals] ?? "0") >= "5" ? kept + 1n : kept;
  const all = String(rounded).padStart(decimals + 1, "0");
  const point = all.length - decimals;
  const written = decimals === 0 ? all : `${all.slice(0, point)}.${all.slice(point)}`;
  return rounded === 0n ? written : `${sign}${written}`;
}

/** JavaScript writes a number that is very large or very small with an exponent. */
function withoutExponent(text: string): string {
  const [found, sign = "", whole = "", part = "", power = ""] =
    /^(-?)(\d)(?:\.(\d{1,20}))?e([+-]\d{1,3})$/.exec(text) ?? [];
  if (found === undefined) return text;
  const digits = whole + part;
  const exponent = Number(power);
  return exponent < 0
    ? `${sign}0.${"0".repeat(-exponent - 1)}${digits}`
    : `${sign}${digits.padEnd(exponent + 1, "0")}`;
}
