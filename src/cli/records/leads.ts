import { asks, JSON_OPTION, LIMIT_OPTION, record, says, table } from "#cli/command/asking.ts";
import { command } from "#cli/command/command.ts";
import { importLeadsFile } from "#cli/import/import-leads.ts";
import { leadWithTrace } from "./lead-text.ts";

const WHOSE = "[--campaign ID] [--supplier ID] [--buyer ID]";
const HOW = "[--status STATUS] [--reason WORD] [--source TEXT] [--test true|false]";
const IMPORT =
  "import FILE --campaign ID --supplier ID [--map COLUMN=FIELD…] [--key COLUMN] [--rejects FILE] [--dry-run] [--again] [--yes]";
const WHEN = "[--since DAY] [--until DAY] [--timezone ZONE]";

/** By what leads are found; the options are named as the settings of the route's query. */
const FILTER = `${WHOSE} ${HOW} ${WHEN} [--phone PHONE] [--email EMAIL]` as const;

/** Leads on record. */
export const leads = command({
  name: "leads",
  purpose:
    "look at leads and why they ended so, send them round again, give them back, import and export them",
  example: "leadgate leads export --campaign solar --sales --since 2026-01-01 > leads.csv",
  options: {
    "--campaign ID": "of this campaign alone; with import: the one that they are for",
    "--supplier ID": "of this supplier alone; with import: the one that they are from",
    "--buyer ID":
      "sold to this buyer alone, with export at its price; with return: the buyer that gives it back, where several have it",
    "--status STATUS": "ACCEPTED, UNMATCHED, DUPLICATE, REJECTED, RETURNED, PENDING or HELD alone",
    "--test true|false": "test leads alone, or none",
    "--since DAY": "decided on this day or later, or at or after a time such as 2026-01-31T00:00:00Z",
    "--until DAY": "decided on this day at the latest, or before a time",
    "--timezone ZONE": "in which days begin; otherwise UTC",
    "--source TEXT": "with this source alone",
    "--phone PHONE": "of the person with this phone",
    "--email EMAIL": "of the person with this e-mail",
    "--reason WORD":
      "those alone that ended so for this reason; with return: bad_contact, wrong_vertical, duplicate, tcpa_risk, out_of_area " +
      "or other; with reject: why, in a few words",
    "--note TEXT": "with return: in words, which other needs",
    "--format FORMAT": "with export: csv, which it is without this, or ndjson, as with --json",
    "--sales": "with export: a line for each sale instead of each lead, also those that were undone",
    "--map COLUMN=FIELD…":
      "with import, several times: the field that a column of the file holds; - leaves the column out",
    "--key COLUMN":
      "with import: the column by which a row is known when it comes again; without, all its cells together",
    "--rejects FILE": "with import: write refused rows there, with their numbers and reasons, to be mended",
    "--dry-run": "with import: take nothing in, and say what would become of each row by itself",
    "--again": "with import: decide rows anew that were refused before and are the same",
    "--yes": "with import: do it; without, only say what its columns are taken for",
    "--fields NAMES": "with export: these fields alone, with commas between; in CSV a column each",
    ...LIMIT_OPTION,
    ...JSON_OPTION,
  },
  forms: {
    [`list ${FILTER} [--limit N]` as const]: asks(
      "GET /leads",
      "list them, the newest first",
      table(
        "id",
        "decided_at",
        "status",
        "reason",
        "campaign_id",
        "supplier_id",
        "buyer_id",
        "price",
        "payout",
        "currency",
        { title: "TEST", of: ({ is_test: isTest }) => (isTest === true ? "test" : null) },
      ),
    ),
    "show LEAD": asks("GET /leads/LEAD", "show one, with its trace and deliveries", leadWithTrace),
    "redistribute LEAD": asks("POST /leads/LEAD/redistribute", "send one round again", record),
    [`redistribute --since DAY ${FILTER} [--limit N]` as const]: asks(
      "POST /leads/redistribute",
      "send the newest of a query round again, 200 at most",
      says(
        ({ data }) =>
          `${String(data.accepted)} have a buyer now, ${String(data.not_accepted)} still have none, ` +
          `${String(data.not_open)} cannot be sent round again.`,
      ),
      { inQuery: true },
    ),
    "return LEAD --reason WORD [--note TEXT] [--buyer ID]": asks(
      "POST /leads/LEAD/returns",
      "give one back for its buyer",
      says(({ data }) => `${String(data.id)} is ${String(data.status)}.`),
      { names: { buyer: "buyer_id" } },
    ),
    [IMPORT]: Object.assign(importLeadsFile, {
      does: "import a file of leads in CSV, compressed or not",
      routes: ["POST /campaigns/CAMPAIGN/suppliers/SUPPLIER/leads"] as const,
    }),
    [`export ${FILTER} [--format FORMAT] [--sales] [--fields NAMES]` as const]: asks(
      "GET /leads",
      "write all of a query to standard output, as CSV or as lines of JSON",
      () => "",
      { also: ({ json }) => ({ format: json === true ? "ndjson" : "csv" }) },
    ),
    "release LEAD": asks(
      "POST /leads/LEAD/release",
      "let one go on that was put aside: it is decided now",
      record,
    ),
    "reject LEAD [--reason WORD]": asks(
      "POST /leads/LEAD/reject",
      "refuse one that was put aside",
      says(({ data }) => `${String(data.id)} is ${String(data.status)}.`),
    ),
    "evidence LEAD": asks(
      "GET /leads/LEAD/evidence",
      "what shows that one was consented to: certificate, times, checks, trace, sales; --json for the whole",
      leadWithTrace,
    ),
  },
});
