/** The servers that DATABASE_URL names, one of which takes what is written. */
export interface Hosts {
  /** An address for each, of one server alone. */
  readonly urls: readonly string[];
  /** Those that only follow another server are passed over. */
  readonly mustWrite: boolean;
  /** The address as a client of postgres.js takes it that picks by itself. */
  readonly together: string;
}

/**
 * Reads an address with one server or several, `postgres://user:password@a:5432,b:5432/leads?target_session_attrs=read-write`; undefined
 * when it is no such address. `ofMany`: which of several is meant where it does not say so.
 */
export function hostsIn(url: string, ofMany: "read-write" | "any" = "read-write"): Hosts | undefined {
  const [, scheme = "", user = "", names = "", rest = ""] = ADDRESS.exec(url) ?? [];
  if (scheme === "") return undefined;
  const urls = names.split(",").map((name) => URL.parse(`${scheme}${user}${name}${rest}`));
  const wanted = urls[0]?.searchParams.get("target_session_attrs");
  if (wanted !== null && wanted !== undefined && !ATTRIBUTES.includes(wanted)) return undefined;
  const isMany = urls.length > 1;
  const alone = urls.map((each) => withoutAttributes(each, isMany)).filter((each) => each !== undefined);
  const [first] = alone;
  if (alone.length < urls.length || first === undefined) return undefined;
  const mustWrite = typeof wanted === "string" ? wanted !== "any" : isMany && ofMany !== "any";
  if (!isMany) return { urls: alone, mustWrite, together: first };
  const { pathname, searchParams } = new URL(first);
  if (mustWrite) searchParams.set("target_session_attrs", "primary");
  const query = searchParams.size === 0 ? "" : `?${searchParams}`;
  return { urls: alone, mustWrite, together: `${scheme}${user}${names}${pathname}${query}` };
}

const ADDRESS = /^(postgres(?:ql)?:\/\/)((?:[^/?#]*@)?)([^/?#@]*)(.*)$/s;
const ATTRIBUTES = ["any", "read-write", "primary"];

function withoutAttributes(url: URL | null, isOneOfMany: boolean): string | undefined {
  if (url === null || (url.hostname === "" && (isOneOfMany || !url.searchParams.has("host"))))
    return undefined;
  if (!url.searchParams.has("target_session_attrs")) return url.href;
  url.searchParams.delete("target_session_attrs");
  return url.href;
}

/** Picks among servers, by what they say when they are tried. */
export interface Picking {
  /** What `attempt` made of the first server that it did not throw for, beginning with the one that was good last. */
  first<T>(attempt: (url: string) => Promise<T>): Promise<T>;
}

/**
 * Of several failures the one is thrown that is no outage, such as a wrong password, else the last. postgres.js can be given several
 * servers too, but takes a standby of PostgreSQL 14 or later for one that can be written to, and stops at the first that does not answer.
 *
 * @param isOutage whether the next server may do better although this one failed so.
 */
export function openPicking({ urls }: Hosts, isOutage: (error: unknown) => boolean): Picking {
  let good = 0;
  return {
    async first(attempt) {
      const begin = good;
      let failure: unknown;
      for (let tried = 0; tried < urls.length; tried++) {
        const at = (begin + tried) % urls.length;
        try {
          const made = await attempt(urls[at] ?? "");
          good = at;
          return made;
        } catch (error) {
          if (failure === undefined || isOutage(failure)) failure = error;
        }
      }
      throw failure;
    },
  };
}
