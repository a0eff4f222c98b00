import { type CommandContext, CommandFailure } from "#cli/command/command.ts";
import { fileStream } from "#cli/command/file-body.ts";
import { requireParts } from "#cli/command/near-ids.ts";
import { type ProgressLine, startProgress } from "#cli/command/progress.ts";
import { callServer, dataIn, inAddress } from "#cli/command/remote.ts";
import { tableText } from "#cli/command/table.ts";
import { withSystemFields } from "#fields/system.ts";
import type { FieldDefinition } from "#fields/types/definition.ts";
import { plainCell } from "#text/csv.ts";
import { type CsvRow, FileUnreadable, readCsvFile } from "#text/csv-file.ts";
import { chooseColumns, type FieldsOfCampaign, headNamed, type ImportColumn } from "./columns.ts";
import { openRejects, withoutRejectsColumns } from "./rejects.ts";
import { type RejectedRow, type RowReading, readFileRow, type SendableRow } from "./rows.ts";
import { sendInBatches } from "./send.ts";
import { describeTally, type ImportCounts, rejectionOf, shownCount, startImportCounts } from "./tally.ts";

/** What was typed. */
export interface ImportTyped {
  FILE: string;
  campaign: string | undefined;
  supplier: string | undefined;
  map: readonly string[];
  key: string | undefined;
  rejects: string | undefined;
  "dry-run": boolean;
  again: boolean;
  yes: boolean;
  json: boolean;
}

/**
 * Imports the rows of a file as leads of a supplier, through all that its leads go through. What becomes of each column is shown before
 * anything is sent. A row that is in is not taken in twice, so that an import which broke off is simply begun anew.
 */
export async function importLeadsFile(typed: ImportTyped, context: CommandContext): Promise<void> {
  const { FILE, campaign = "", supplier = "" } = typed;
  await requireParts({ campaign, supplier }, context);
  const fields = await leadFieldsOf(campaign, context);
  const read = { bytes: 0 };
  const rows = readCsvFile(counted(await fileStream(FILE), read));
  const named = await headsIn(rows);
  const heads = withoutRejectsColumns(named);
  const columns = chooseColumns(heads, typed.map, fields);
  const keyHead = typed.key === undefined ? null : headNamed(typed.key, heads);
  const first = await rows.next().catch(asFailure);
  showColumns(columns, first.done === true ? undefined : first.value, context);
  if (!typed.yes && !typed["dry-run"]) throw new CommandFailure(NOT_YET);
  const interruption = context.interruption();
  const tally = startImportCounts();
  const progress = startProgress(typed["dry-run"] ? "Trying:" : "Importing:", context.writeError);
  const rejects = typed.rejects === undefined ? undefined : await openRejects(typed.rejects, FILE, heads);
  const path =
    `/campaigns/${inAddress(campaign, "--campaign")}/suppliers/${inAddress(supplier, "--supplier")}/leads` +
    `?dry_run=${typed["dry-run"]}&again=${typed.again}`;
  const reading = readRows(first, rows, { columns, width: named.length, keyHead }, interruption);
  try {
    for await (const ended of sendInBatches(reading, { path, interruption }, context)) {
      const rejected = ended.flatMap((row) => rejectionOf(row, tally) ?? []);
      tellRejected(rejected, tally, progress, context);
      await rejects?.write(rejected);
      progress.say(describeProgress(tally, read.bytes, FILE));
    }
  } catch (error) {
    throw brokenOff(error, tally, typed["dry-run"]);
  } finally {
    progress.end();
    await rejects?.close();
  }
  report(tally, typed, interruption.aborted, context);
}

const NOT_YET =
  "Nothing was imported. Add --yes to do so, or --dry-run to see first what would become of each row.";

async function leadFieldsOf(campaign: string, context: CommandContext): Promise<FieldsOfCampaign> {
  const path = `/campaigns/${inAddress(campaign, "--campaign")}`;
  const data = await dataIn(await callServer(context, { method: "GET", path }));
  if (data.mode === "ping_post") throw new CommandFailure(PINGED);
  const fields = Array.isArray(data.fields) ? (data.fields as FieldDefinition[]) : [];
  const unknownFields = (["drop", "reject"] as const).find((each) => each === data.unknown_fields);
  return { fields: withSystemFields(fields), unknownFields: unknownFields ?? "keep" };
}

const PINGED =
  "Leads of this campaign are pinged first, and sold as that promised: rows of a file have no ping, and cannot be imported.";

async function* counted(
  bytes: AsyncIterable<Uint8Array>,
  read: { bytes: number },
): AsyncGenerator<Uint8Array> {
  for await (const piece of bytes) {
    read.bytes += piece.length;
    yield piece;
  }
}

async function headsIn(rows: AsyncIterator<CsvRow>): Promise<readonly string[]> {
  const { done, value } = await rows.next().catch(asFailure);
  const heads = done === true ? [] : value.cells.map((cell) => plainCell(cell).trim());
  if (heads.every((head) => head === "")) {
    throw new CommandFailure("The file has no first line that names its columns.");
  }
  return heads;
}

function asFailure(error: unknown): never {
  throw error instanceof FileUnreadable ? new CommandFailure(error.message) : error;
}

function showColumns(
  columns: readonly ImportColumn[],
  first: CsvRow | undefined,
  { writeError, isColoured, width }: CommandContext,
): void {
  const rows = columns.map(({ head, name, because }, place) => {
    const cell = plainCell(first?.cells[place] ?? "").trim();
    return { column: head, "sent as": name, because, "first row": cell };
  });
  writeError(`${tableText(rows, ["column", "sent as", "because", "first row"], { isColoured, width })}\n`);
}

async function* readRows(
  first: IteratorResult<CsvRow>,
  rest: AsyncIterable<CsvRow>,
  reading: RowReading,
  interruption: AbortSignal,
): AsyncGenerator<SendableRow | RejectedRow> {
  const read = first.done === true ? null : readFileRow(first.value, reading);
  if (read !== null) yield read;
  for await (const each of rest) {
    if (interruption.aborted) return;
    const row = readFileRow(each, reading);
    if (row !== null) yield row;
  }
}

/** More are only counted. */
const MOST_TOLD = 100;

function tellRejected(
  rejected: readonly RejectedRow[],
  { refused }: ImportCounts,
  progress: ProgressLine,
  { writeError }: CommandContext,
): void {
  const told = rejected.slice(0, Math.max(0, MOST_TOLD - (refused - rejected.length)));
  if (told.length > 0) progress.end();
  for (const { row, reason } of told) writeError(`row ${row}: ${reason}\n`);
}

function describeProgress(tally: ImportCounts, bytes: number, file: string): string {
  const size = file === "-" ? 0 : Bun.file(file).size;
  const share = size === 0 ? "" : `, ${Math.floor((bytes / size) * 100)} % of the file`;
  return `${describeTally(tally)}${share}`;
}

/** What is in stays in. */
function brokenOff(error: unknown, tally: ImportCounts, isDryRun: boolean): unknown {
  if (!(error instanceof CommandFailure) && !(error instanceof FileUnreadable)) return error;
  return new CommandFailure(
    `${error.message}\nUp to there: ${describeTally(tally)}. ${isDryRun ? NOTHING_TAKEN : AGAIN}`,
  );
}

const NOTHING_TAKEN = "Nothing was taken in.";
const AGAIN = "Import the file again when you like: a row that is in is not taken in twice.";

/** @throws CommandFailure when a row was refused, so that a job that runs this hears of it. */
function report(
  tally: ImportCounts,
  { rejects, json, "dry-run": dryRun }: ImportTyped,
  isStopped: boolean,
  { write }: CommandContext,
): void {
  const { refusedBefore, startedAt: _, ...counts } = tally;
  if (json) write(`${JSON.stringify({ data: { ...counts, dry_run: dryRun } })}\n`);
  else write(`${describeTally(tally)}${dryRun ? ": nothing was taken in" : ""}\n`);
  if (isStopped) throw new CommandFailure(`Stopped after ${shownCount(tally.rows)} rows. ${AGAIN}`);
  if (tally.refused === 0) return;
  const where =
    rejects === undefined
      ? "Add --rejects FILE to have them in a file."
      : `They are in ${rejects}: mend them there, and import that file.`;
  const before =
    refusedBefore === 0
      ? ""
      : ` ${shownCount(refusedBefore)} of them had been refused before and are the same: --again decides them anew.`;
  throw new CommandFailure(`Refused rows: ${shownCount(tally.refused)}. ${where}${before}`);
}
