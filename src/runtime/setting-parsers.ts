import { hostsIn } from "#database/engine/hosts.ts";
import { type Cidr, parseCidr } from "#text/cidr.ts";
import { type HostAndPort, parseHostAndPort } from "#text/host-and-port.ts";
import { isWholeNumber } from "#text/whole-number.ts";

/** What is wrong with a setting: each is the rest of a sentence that begins with its name. None repeats a value. */
export class Flaws {
  readonly says: readonly string[];
  constructor(...says: readonly string[]) {
    this.says = says;
  }
}

/** Reads the text of a setting, which is not empty. */
export type Parse<Value> = (text: string) => Value | Flaws;

/** Any text. */
export const anyText: Parse<string> = (text) => text;

/** One of these words, in any case. */
export function oneNameOf<Choice extends string>(...choices: readonly Choice[]): Parse<Choice> {
  return (text) =>
    choices.find((choice) => choice === text.toLowerCase()) ??
    new Flaws(` must be ${choices.slice(0, -1).join(", ")} or ${choices.at(-1)}.`);
}

/** A whole number within these bounds. */
export function wholeNumber(from: number, to: number): Parse<number> {
  return (text) => {
    const number = isWholeNumber(text) ? Number(text) : Number.NaN;
    return number >= from && number <= to
      ? number
      : new Flaws(` must be a whole number from ${from} to ${to}.`);
  };
}

/** How many copies of the server run on this machine, and which of them this process is. */
export interface Processes {
  readonly count: number;
  /** Undefined: it is none of several, but starts them. */
  readonly copy: number | undefined;
}

const MOST_PROCESSES = 64;

/** A number or `auto`, one for every two cores; what a copy is started with says which it is: `2/4`. */
export function processes(cores: number): Parse<Processes> {
  return (text) => {
    const [, copy, number] = /^(?:(\d{1,2})\/)?(\d{1,2}|auto)$/i.exec(text) ?? [];
    const count = number?.toLowerCase() === "auto" ? Math.max(1, Math.floor(cores / 2)) : Number(number);
    return count >= 1 && count <= MOST_PROCESSES
      ? { count, copy: copy === undefined ? undefined : Number(copy) }
      : new Flaws(` must be a whole number from 1 to ${MOST_PROCESSES}, or auto.`);
  };
}

/** `host:port`, `[::1]:port`. */
export const hostAndPort: Parse<HostAndPort> = (text) =>
  parseHostAndPort(text) ?? new Flaws(" must be host:port, such as 10.0.0.5:7800.");

/** A number from 0 to 1. */
export const share: Parse<number> = (text) =>
  /^(0|1|0?\.\d{1,9}|[01]\.0+)$/.test(text)
    ? Number(text)
    : new Flaws(" must be a number from 0 to 1, such as 0.05.");

/** An address of one of these schemes, of which more may be asked. */
export function urlOf(schemes: readonly string[], isGood: (url: URL) => boolean): Parse<string> {
  return (text) => {
    const url = URL.parse(text);
    if (url && schemes.includes(url.protocol) && isGood(url)) return text;
    const beginnings = schemes.map((scheme) => `${scheme}//`).join(" or ");
    return new Flaws(` must be an address that starts with ${beginnings}.`);
  };
}

/** One or several servers of Postgres, of which one is meant. */
export const databaseAddress: Parse<string> = (text) => {
  if (hostsIn(text) !== undefined) return text;
  return /[?&]target_session_attrs=/.test(text)
    ? new Flaws(" must be an address of Postgres whose target_session_attrs is read-write or any.")
    : new Flaws(" must be an address that starts with postgres:// or postgresql://.");
};

/** An address that paths are put behind, without a slash at its end. */
export const baseUrl: Parse<string> = (text) => {
  const url = urlOf(["http:", "https:"], ({ search, hash }) => !search && !hash)(text);
  return url instanceof Flaws ? url : url.replace(/\/+$/, "");
};

/** A list such as `10.1.0.0/16, fd00::/8`; an address alone stands for itself. */
export const networks: Parse<readonly Cidr[]> = (text) => {
  const entries = text.split(/[\s,]+/).filter((entry) => entry !== "");
  const parsed = entries.map(parseCidr);
  const wrong = parsed.flatMap((network, index) => (network ? [] : [index + 1]));
  if (wrong.length === 0) return parsed.filter((network) => network !== undefined);
  return new Flaws(
    ...wrong.map((entry) => `, entry ${entry}, is not a network such as 10.1.0.0/16 or fd00::/8.`),
  );
};

/** `name=value,other=value`, values percent-encoded. */
export const pairs: Parse<Readonly<Record<string, string>>> = (text) => {
  const parts = text.split(",").filter((part) => part.trim() !== "");
  const read = parts.map((part) => /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(part) ?? []);
  try {
    const decoded = read.map(([, name, value = ""]) => [name ?? "", decodeURIComponent(value)] as const);
    if (decoded.every(([name]) => name !== "")) return Object.fromEntries(decoded);
  } catch {
    // A percent sign that encodes nothing.
  }
  return new Flaws(" must be pairs such as name=value,other=value.");
};

/** One mail address, alone or in angle brackets behind a name. */
export const sender: Parse<string> = (text) => {
  const isOne = /^(?:[^<>\r\n]*<)?[^\s@<>,;]+@[^\s@<>,;]+>?$/.test(text);
  if (isOne && text.includes("<") === text.includes(">")) return text;
  return new Flaws(" must be an address such as leads@company.example or Name <leads@company.example>.");
};

/** A text that has no flaw. */
export function without(flawOf: (text: string) => string | undefined): Parse<string> {
  return (text) => {
    const flaw = flawOf(text);
    return flaw === undefined ? text : new Flaws(` ${flaw}.`);
  };
}

/** What is wrong with a master key, as the end of a sentence; undefined when nothing is. */
export function secretFlaw(value: string): string | undefined {
  return Buffer.byteLength(value) >= 32 ? undefined : "must hold at least 32 bytes";
}

/** What is wrong with an operator key, as the end of a sentence. It travels in a header: printable ASCII without spaces. */
export function adminKeyFlaw(value: string): string | undefined {
  return /^[\x21-\x7e]{24,200}$/.test(value)
    ? undefined
    : "must be 24 to 200 characters of ASCII without spaces";
}
