/** Whom a search is for, by what it looks like: an e-mail, or a phone of at least seven digits. Undefined: neither. */
export function soughtPerson(text: string): { email: string } | { phone: string } | undefined {
  const said = text.trim();
  if (/^\S+@\S+\.\S+$/.test(said)) return { email: said };
  const digits = said.replaceAll(/\D/g, "");
  return /^[+\d\s().-]+$/.test(said) && digits.length >= 7 ? { phone: said } : undefined;
}
