import type { Terminal } from "./command.ts";

const CODES = { bold: 1, red: 31, green: 32, yellow: 33 } as const;
export type Colour = keyof typeof CODES;

/** The first line of a text in colour, where colours are wanted. */
export function painted(
  text: string,
  colour: Colour | undefined,
  { isColoured }: Pick<Terminal, "isColoured">,
): string {
  return isColoured && colour !== undefined
    ? text.replace(/^.*/, `\u001b[${CODES[colour]}m$&\u001b[0m`)
    : text;
}
