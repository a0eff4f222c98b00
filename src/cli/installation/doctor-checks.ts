import type { DatabaseStatus } from "#database/engine/database-status.ts";
import type { Settings } from "#runtime/settings.ts";
import type { Cidr } from "#text/cidr.ts";

/** One thing that `leadgate doctor` looked at. `warn`: it works, and should be seen to; `fail`: it does not work, or not for long. */
export interface Finding {
  readonly level: "ok" | "warn" | "fail";
  readonly about: string;
  /** What was found and, unless it is well, what to do. */
  readonly says: string;
}

/** What a file with a secret is like. */
export type SecretFile =
  | "missing"
  | "unreadable"
  | { readonly mode: number; readonly flaw: string | undefined };

const MEBIBYTE = 1024 * 1024;

export function onDatabase({
  kind,
  version,
  isDurable,
  isStandby,
  schema,
  aheadMs,
  bytes,
}: DatabaseStatus): Finding[] {
  const name = kind === "embedded" ? "the embedded database" : "Postgres";
  return [
    isStandby
      ? fail("database", `${name} is a standby and takes nothing in: point DATABASE_URL at the primary.`)
      : ok("database", `${name}, PostgreSQL ${version}, ${inMegabytes(bytes)}`),
    {
      "up to date": ok("schema", "up to date"),
      older: warn(
        "schema",
        "of an older version; it is brought up to date when the server starts. Back up first.",
      ),
      newer: fail(
        "schema",
        "of a newer version than this program: use that version, or restore a backup of this one.",
      ),
    }[schema],
    isDurable
      ? ok("durability", "what is committed is on the disk")
      : fail(
          "durability",
          "fsync, full_page_writes or synchronous_commit is off: leads that were acknowledged can be lost. Turn them " +
            "on in postgresql.conf.",
        ),
    onClock(aheadMs),
  ];
}

/** Caps and schedules go by this machine's clock; servers of one database must agree. */
function onClock(aheadMs: number): Finding {
  const seconds = Math.abs(aheadMs) / 1000;
  if (seconds < 2) return ok("clock", "agrees with the database's");
  const says = `differs by ${seconds.toFixed(1)} s from the database's: let both machines keep time by NTP.`;
  return seconds < 30 ? warn("clock", says) : fail("clock", says);
}

/** `floorBytes`: below it a server with the embedded database takes nothing in. */
export function onDisk(freeBytes: number, databaseBytes: number, floorBytes: number): Finding {
  const free = `${inMegabytes(freeBytes)} free where DATA_DIR is`;
  if (freeBytes < floorBytes) {
    return fail(
      "disk",
      `${free}: leads are answered 503 until there is room; LEADGATE_DISK_FLOOR_MB is the least.`,
    );
  }
  if (freeBytes < 256 * MEBIBYTE) return fail("disk", `${free}: make room before the database has to stop.`);
  if (freeBytes < 1024 * MEBIBYTE) return warn("disk", `${free}: make room soon.`);
  if (freeBytes < databaseBytes) {
    return warn(
      "disk",
      `${free}: too little for a backup, which copies the ${inMegabytes(databaseBytes)} of the database for a while.`,
    );
  }
  return ok("disk", free);
}

/** `holdsData`: there is a database already, which a secret made anew would not fit. */
export function onSecret(
  about: "master key" | "operator key",
  path: string,
  file: SecretFile,
  holdsData: boolean,
): Finding {
  if (file === "unreadable")
    return fail(about, `${path} cannot be read: give it to the user that the server runs as.`);
  if (file === "missing") {
    return about === "master key" && holdsData
      ? fail(
          about,
          `${path} is missing, and there is a database already: put the file back from where it was kept, or set LEADGATE_SECRET.`,
        )
      : ok(about, `is made in ${path} on the first start`);
  }
  if (file.flaw !== undefined) return fail(about, `${path} ${file.flaw}: put it back from a backup.`);
  if ((file.mode & 0o077) !== 0) return warn(about, `${path} can be read by others: chmod 600 ${path}`);
  return ok(about, `kept in ${path}`);
}

/** The settings that are judged by themselves. */
export type JudgedSettings = Pick<
  Settings,
  "environment" | "publicUrl" | "trustedProxies" | "webhookAllowCidrs"
>;

/** What can be told from the settings alone, once they are valid. */
export function onSettings(settings: JudgedSettings): Finding[] {
  return [
    ok("settings", `valid, ${settings.environment}`),
    onPublicUrl(settings),
    onProxies(settings),
    onNetworks(settings.webhookAllowCidrs),
  ].filter((finding) => finding !== undefined);
}

/** The server speaks no TLS itself, so where callers come by https they come through a proxy. */
function onProxies({ publicUrl, trustedProxies }: JudgedSettings): Finding | undefined {
  if (publicUrl?.startsWith("https:") !== true || trustedProxies.length > 0) return undefined;
  return warn(
    "proxies",
    "LEADGATE_PUBLIC_URL is https, and LEADGATE_TRUSTED_PROXIES names no proxy: all callers count as one address. Name the proxy.",
  );
}

function onPublicUrl({ publicUrl, environment }: JudgedSettings): Finding {
  const about = "public url";
  if (publicUrl === undefined) {
    return environment === "production"
      ? warn(
          about,
          "LEADGATE_PUBLIC_URL is not set: links that are handed out name no server. Set it to where callers reach this one.",
        )
      : ok(about, "not set; links name the address that the server listens on");
  }
  if (environment === "production" && publicUrl.startsWith("http:")) {
    return warn(
      about,
      "LEADGATE_PUBLIC_URL is not https: keys and leads would cross the network in the clear. Put a proxy with TLS in front.",
    );
  }
  return ok(about, publicUrl);
}

function onNetworks(allowed: readonly Cidr[]): Finding {
  const about = "webhook networks";
  if (allowed.length === 0) return ok(about, "public addresses only");
  if (allowed.some(({ prefix }) => prefix === 0)) {
    return fail(
      about,
      "WEBHOOK_ALLOW_CIDRS allows every address, this machine's and the cloud's metadata among them: name the networks that buyers are in.",
    );
  }
  if (allowed.some(({ address }) => /^(127\.|169\.254\.|::1$|fe80:)/.test(address))) {
    return warn(
      about,
      "WEBHOOK_ALLOW_CIDRS allows this machine, or link-local addresses such as the cloud's metadata: leave those " +
        "out unless a buyer is there.",
    );
  }
  return ok(about, `public addresses, and ${allowed.length} networks of WEBHOOK_ALLOW_CIDRS`);
}

export function ok(about: string, says: string): Finding {
  return { level: "ok", about, says };
}

export function warn(about: string, says: string): Finding {
  return { level: "warn", about, says };
}

export function fail(about: string, says: string): Finding {
  return { level: "fail", about, says };
}

function inMegabytes(bytes: number): string {
  return `${Math.round(bytes / MEBIBYTE).toLocaleString("en-US")} MB`;
}

/** By what the server found of balances and the ledger. */
export function onLedger(flaws: readonly string[]): Finding {
  const [first, ...others] = flaws;
  if (first === undefined) return ok("ledger", "every balance equals it");
  const more = others.length === 0 ? "" : ` And ${others.length} more: leadgate ledger check.`;
  return fail("ledger", `${first}${more} Report it, with a backup from before.`);
}
