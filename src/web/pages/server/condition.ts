import type { paths } from "#web/api/leadgate.d.ts";
import { countText } from "#web/parts/money.tsx";

export type Condition =
  paths["/api/v1/admin/condition"]["get"]["responses"][200]["content"]["application/json"]["data"];

/** One thing that a server stands on, and whether it does so firmly. */
export interface Finding {
  about: string;
  tone: "good" | "warn" | "bad";
  /** How it is in a word or two. */
  word: string;
  says: string;
}

const MEBIBYTE = 1024 * 1024;
/** Where less is free, it is time to make room. */
const LITTLE_ROOM = 1024 * MEBIBYTE;
const LONG_DUE_SECONDS = 300;
const CLOCKS_APART_MS = 2_000;

/** What a server says of itself, in words. */
export function findingsOf(condition: Condition): Finding[] {
  return [
    ofDatabase(condition),
    ofClock(condition),
    ...ofDisk(condition),
    ofOutbox(condition),
    ofEndpoints(condition),
    ofMail(condition),
    ofProxies(condition),
  ];
}

function ofDatabase({ database }: Condition): Finding {
  const { kind, version, size_bytes, durable, standby, read_standby, schema } = database;
  const name = kind === "embedded" ? "The embedded database" : "Postgres";
  const says = `${name}, PostgreSQL ${version}, ${sizeText(size_bytes)}.`;
  if (standby) {
    return found(
      "Database",
      "bad",
      "standby",
      `${says} It takes nothing in: point DATABASE_URL at the primary.`,
    );
  }
  if (schema === "newer") {
    return found("Database", "bad", "newer", `${says} Its schema is of a newer version than this server.`);
  }
  if (!durable) {
    return found(
      "Database",
      "bad",
      "not durable",
      `${says} Leads that were acknowledged can be lost: turn fsync, full_page_writes and synchronous_commit on.`,
    );
  }
  if (read_standby === false) {
    return found(
      "Database",
      "warn",
      "standby away",
      `${says} The standby of DATABASE_READ_URL is away, or too far behind: lists and reports are read from the primary.`,
    );
  }
  return found("Database", "good", "durable", `${says} What is committed is on the disk.`);
}

function ofClock({ database: { clock_ahead_ms: ahead } }: Condition): Finding {
  if (Math.abs(ahead) < CLOCKS_APART_MS) {
    return found("Clock", "good", "right", "It agrees with the database's.");
  }
  return found(
    "Clock",
    "warn",
    "apart",
    `It differs by ${(Math.abs(ahead) / 1000).toFixed(1)} s from the database's: let both keep time by NTP.`,
  );
}

function ofDisk({ disk }: Condition): Finding[] {
  if (disk === null) return [];
  const says = `${sizeText(disk.free_bytes)} free where the data is.`;
  if (disk.free_bytes < disk.floor_bytes) {
    return [found("Disk", "bad", "full", `${says} Leads are answered 503 until there is room.`)];
  }
  if (disk.free_bytes < LITTLE_ROOM) return [found("Disk", "warn", "little room", `${says} Make room soon.`)];
  return [found("Disk", "good", "room", says)];
}

function ofOutbox({ outbox }: Condition): Finding {
  const { pending, due, paused, dead, oldest_due_seconds: oldest } = outbox;
  const [wait, ready, held, gone] = [pending, due, paused, dead].map(countText);
  const says = `${wait} waiting, ${ready} of them due; ${held} held back by pauses, ${gone} dead.`;
  if (oldest < LONG_DUE_SECONDS) return found("Deliveries", "good", "on time", says);
  return found(
    "Deliveries",
    "warn",
    "late",
    `${says} The oldest has been due for ${Math.floor(oldest / 60)} min.`,
  );
}

function ofEndpoints({ endpoints: { up, down, paused } }: Condition): Finding {
  const says = `${countText(up)} up, ${countText(down)} down, ${countText(paused)} paused.`;
  return down + paused === 0
    ? found("Endpoints", "good", "up", says)
    : found(
        "Endpoints",
        "warn",
        "not all up",
        `${says} What is down is tried again by itself; what is paused waits for you.`,
      );
}

function ofMail({ mail: { set_up, answers, needed_by } }: Condition): Finding {
  if (answers === true) return found("E-mail", "good", "answers", "The mail server takes this server in.");
  if (set_up) {
    return found(
      "E-mail",
      "bad",
      "no answer",
      "The mail server of SMTP_URL does not answer, or does not take this server in.",
    );
  }
  if (needed_by.length === 0)
    return found("E-mail", "good", "not needed", "None is sent: SMTP_URL is not set.");
  return found(
    "E-mail",
    "bad",
    "not set up",
    `SMTP_URL is not set, and these buyers are sent e-mail: ${needed_by.join(", ")}.`,
  );
}

function ofProxies({ proxies }: Condition): Finding {
  return proxies.strangers_forward
    ? found(
        "Proxies",
        "warn",
        "a stranger",
        "X-Forwarded-For came from an address that LEADGATE_TRUSTED_PROXIES does not name: if it is your proxy, name it.",
      )
    : found("Proxies", "good", "known", "No X-Forwarded-For came from a stranger.");
}

function found(about: string, tone: Finding["tone"], word: string, says: string): Finding {
  return { about, tone, word, says };
}

function sizeText(bytes: number): string {
  return bytes < 10_240 * MEBIBYTE
    ? `${countText(Math.round(bytes / MEBIBYTE))} MB`
    : `${countText(Math.round(bytes / MEBIBYTE / 1024))} GB`;
}
