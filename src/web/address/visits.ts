import { createBrowserHistory } from "@tanstack/history";

/** Words of an address beside its path, such as filters; undefined and "" say nothing. */
export type Words = Readonly<Record<string, string | undefined>>;

/** The console's pages. */
export type PagePath =
  | "/"
  | "/accounts"
  | "/alerts"
  | "/buyers"
  | "/campaigns"
  | "/configuration"
  | "/deliveries"
  | "/history"
  | "/invoice"
  | "/invoices"
  | "/keys"
  | "/leads"
  | "/people"
  | "/profit"
  | "/returns"
  | "/server"
  | "/simulations"
  | "/statement"
  | "/suppliers"
  | "/suppression";

/** Where the console is below the server's address. */
export const BASE = "/console";

/** Where the browser has been, and is; a form can hold it up from going on. */
export const visits = createBrowserHistory();

/** An address of the console, without its base. */
export function addressOf(path: string, words: Words = {}): string {
  const said = Object.entries(words).filter((each): each is [string, string] => Boolean(each[1]));
  return `${path === "/" ? "" : path}${said.length === 0 ? "" : `?${new URLSearchParams(said)}`}`;
}

/** What an address says beside its path, all of it texts: ids and phones that look like numbers are none. */
export function wordsOf(search: string): Words {
  return Object.fromEntries([...new URLSearchParams(search)].filter(([, word]) => word !== ""));
}

/** The path below the console's base. */
export function pathBelow(pathname: string): string {
  return pathname.slice(BASE.length).replace(/\/+$/, "") || "/";
}

/** Goes to an address of the console; where it is already, nothing happens. */
export function goTo(path: PagePath, words?: Words, { replace = false } = {}): void {
  const address = BASE + addressOf(path, words);
  if (address === visits.location.href) return;
  if (replace) visits.replace(address);
  else visits.push(address);
}
