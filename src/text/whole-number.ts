/** Whether a text is a whole number, zero or more and below a billion: digits alone. */
export function isWholeNumber(text: string): boolean {
  return /^\d{1,9}$/.test(text);
}
