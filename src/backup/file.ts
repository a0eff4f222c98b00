import { timingSafeEqual } from "node:crypto";
import { pipeline, Readable } from "node:stream";
import { constants, createGunzip, createGzip } from "node:zlib";
import { isMapping, type Mapping } from "#text/problem.ts";
import { backupKey, type Header, openTally, type Part } from "./part.ts";
import type { Table } from "./table-records.ts";

/**
 * A backup as a file: gzip of lines of JSON, so that it can be looked into with zcat. The first line is the header. Rows are arrays of the
 * text of each value; before and after those of a table stands an object that names it, the latter with their number and checksum. The
 * last line has the SHA-256 of all lines before it, and their HMAC under a key that comes from the master key.
 */
const FORMAT = 1;

/** A file that is not a whole backup. The message says so to the operator. */
export class DamagedBackup extends Error {
  override readonly name = "DamagedBackup";
}

/** A file that may be whole, and is not known to be what this installation has written. */
export class UnverifiedBackup extends Error {
  override readonly name = "UnverifiedBackup";
}

/** A backup's bytes, made as fast as they are taken, signed with what comes from the key of stored secrets. */
export function asFile(parts: AsyncIterable<Part>, secretKey: Uint8Array): AsyncIterable<Uint8Array> {
  // The lowest level takes a third of the default's time for a file a fifth larger.
  const gzip = createGzip({ level: constants.Z_BEST_SPEED });
  pipeline(Readable.from(textOf(parts, secretKey)), gzip, () => undefined);
  return gzip;
}

async function* textOf(parts: AsyncIterable<Part>, secretKey: Uint8Array): AsyncGenerator<string> {
  const seal = openSeal(secretKey);
  for await (const part of parts) {
    const text = part.part === "end" ? `${JSON.stringify(seal.read())}\n` : linesOf(part);
    if (part.part !== "end") seal.add(text);
    if (text !== "") yield text;
  }
}

/** What the last line says of all before it. */
function openSeal(secretKey?: Uint8Array): {
  add(text: string): void;
  read(): { sha256: string; hmac?: string };
} {
  const hash = new Bun.CryptoHasher("sha256");
  const hmac = secretKey && new Bun.CryptoHasher("sha256", backupKey(secretKey));
  return {
    add(text) {
      hash.update(text);
      hmac?.update(text);
    },
    read: () => ({ sha256: hash.digest("hex"), ...(hmac && { hmac: hmac.digest("hex") }) }),
  };
}

function linesOf(part: Exclude<Part, { part: "end" }>): string {
  switch (part.part) {
    case "header":
      return `${JSON.stringify({ leadgate_backup: FORMAT, signed: true, ...part.header })}\n`;
    case "rows":
      return part.lines.map((line) => `${line}\n`).join("");
    case "table":
      return `${JSON.stringify({ table: part.table.name, ...part.tally })}\n`;
  }
}

/**
 * Reads a backup, checking all that can be checked without a database: its format, order, counts and checksums; with the
 * key of stored secrets also who wrote it, for whoever can change the file can make its checksums anew.
 *
 * @throws DamagedBackup where it stops being a backup, UnverifiedBackup when it was not written with this key; what was read before may be
 * used only when the end was reached.
 */
export async function* fromFile(
  bytes: AsyncIterable<Uint8Array>,
  secretKey: Uint8Array | undefined,
): AsyncGenerator<Part> {
  const seal = openSeal(secretKey);
  let header: Header | undefined;
  let at = 0;
  let tally = openTally();
  let ended = false;
  for await (const lines of lineChunks(unzipped(bytes))) {
    let rows: string[] = [];
    for (const line of lines) {
      if (ended) throw new DamagedBackup("Something follows the end of the backup.");
      const table = header?.tables[at];
      if (line.startsWith("[")) {
        if (table === undefined) throw new DamagedBackup(header === undefined ? NO_BACKUP : CHANGED);
        seal.add(`${line}\n`);
        tally.add(line);
        rows.push(line);
        continue;
      }
      if (rows.length > 0 && table !== undefined) yield { part: "rows", table, lines: rows };
      rows = [];
      const said = mappingIn(line, header);
      if (header === undefined) {
        header = headerIn(said);
        if (secretKey !== undefined && said.signed !== true) throw new UnverifiedBackup(UNSIGNED);
        yield { part: "header", header };
      } else if (table !== undefined) {
        const found = tally.read();
        if (said.table !== table.name || said.rows !== found.rows || said.checksum !== found.checksum) {
          throw new DamagedBackup(`${CHANGED} The rows of ${table.name} are not those that were written.`);
        }
        yield { part: "table", table, tally: found };
        tally = openTally();
        at += 1;
      } else {
        refuseUnlessSealed(said, seal.read());
        ended = true;
        continue;
      }
      seal.add(`${line}\n`);
    }
    const table = header?.tables[at];
    if (rows.length > 0 && table !== undefined) yield { part: "rows", table, lines: rows };
  }
  if (header === undefined) throw new DamagedBackup(NO_BACKUP);
  if (!ended) throw new DamagedBackup(CUT);
  yield { part: "end" };
}

function refuseUnlessSealed(said: Mapping, { sha256, hmac }: { sha256: string; hmac?: string }): void {
  if (said.sha256 !== sha256) throw new DamagedBackup(CHANGED);
  if (hmac !== undefined && !isSame(said.hmac, hmac)) throw new UnverifiedBackup(FORGED);
}

function isSame(said: unknown, hmac: string): boolean {
  if (typeof said !== "string" || said.length !== hmac.length) return false;
  return timingSafeEqual(Buffer.from(said), Buffer.from(hmac));
}

const UNSIGNED =
  "The backup is not signed, as those of earlier versions are not: it may have been changed since it was made.";
const FORGED = "The backup was not written with this master key: it was changed, or made elsewhere.";
const NO_BACKUP = "This is not a backup of Leadgate.";
const CHANGED = "The backup was changed after it was made, and can't be used.";
const CUT = "The backup is cut off: its end is missing.";

async function* unzipped(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  let source: unknown;
  pipeline(Readable.from(bytes), gunzip, (error) => {
    source = error;
  });
  let some = false;
  try {
    for await (const chunk of gunzip) {
      some = true;
      yield chunk as Uint8Array;
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "Z_BUF_ERROR") throw new DamagedBackup(some ? CUT : NO_BACKUP);
    if (code?.startsWith("Z_") === true) throw new DamagedBackup(some ? CHANGED : NO_BACKUP);
    throw source instanceof Error ? source : error;
  }
}

/** Whole lines, as many at a time as a chunk of bytes ends. */
async function* lineChunks(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
  const decoder = new TextDecoder("utf-8", { fatal: false });
  let begun = "";
  for await (const chunk of bytes) {
    const lines = (begun + decoder.decode(chunk, { stream: true })).split("\n");
    begun = lines.pop() ?? "";
    if (begun.length > LONGEST_LINE) throw new DamagedBackup(CHANGED);
    if (lines.length > 0) yield lines;
  }
  if (begun !== "") throw new DamagedBackup(CUT);
}

/** Far beyond what a lead can hold. */
const LONGEST_LINE = 256 * 1024 * 1024;

function mappingIn(line: string, header: Header | undefined): Mapping {
  try {
    const said: unknown = JSON.parse(line);
    if (isMapping(said)) return said;
  } catch {
    // Said below.
  }
  throw new DamagedBackup(header === undefined ? NO_BACKUP : CHANGED);
}

function headerIn(said: Mapping): Header {
  const {
    leadgate_backup: format,
    version,
    schema,
    madeAt,
    database,
    spread,
    secretFingerprint,
    tables,
  } = said;
  if (format === undefined) throw new DamagedBackup(NO_BACKUP);
  if (format !== FORMAT) {
    throw new DamagedBackup(
      "The backup is of a format that this version does not know: use the version of Leadgate that made it, or a later one.",
    );
  }
  const isRead =
    typeof version === "string" &&
    typeof schema === "number" &&
    typeof madeAt === "string" &&
    (database === "postgres" || database === "embedded") &&
    typeof secretFingerprint === "string" &&
    Array.isArray(tables) &&
    tables.every(isTable);
  if (!isRead) throw new DamagedBackup(CHANGED);
  return { version, schema, madeAt, database, secretFingerprint, tables, ...(spread === true && { spread }) };
}

/** Names and types become part of statements, so they are held to what a schema of ours can have. */
function isTable(value: unknown): value is Table {
  if (!isMapping(value)) return false;
  const { name, columns } = value;
  return isName(name) && Array.isArray(columns) && columns.every(isColumn);
}

function isColumn(value: unknown): boolean {
  return isMapping(value) && isName(value.name) && typeof value.type === "string" && TYPE.test(value.type);
}

function isName(value: unknown): value is string {
  return typeof value === "string" && /^[a-z][a-z0-9_]{0,62}$/.test(value);
}

const TYPE = /^[a-z][a-z0-9 ]{0,40}(\(\d{1,4}(, ?\d{1,4})?\))?(\[\])?$/;
