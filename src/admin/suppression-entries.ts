import type { Operator } from "#access/sessions/operator-gate.ts";
import { addEntries, emptyList, removeEntries } from "#changes/suppression.ts";
import { mediaTypeOf } from "#http/body.ts";
import { readByRoute } from "#http/body-form.ts";
import type { RequestContext } from "#http/context.ts";
import { invalid } from "#http/field-errors.ts";
import { countInFlight } from "#http/in-flight.ts";
import { readObject, readOptionalObject } from "#http/json-body.ts";
import { anything, oneWordOf, readQuery } from "#http/query.ts";
import { fieldsNotValid, type ReplyFieldError } from "#http/reply.ts";
import { type Route, refusedSince, route, singleRoute } from "#http/route.ts";
import { count, dataOf, flag, listOf, named, objectOf, text } from "#http/schema.ts";
import {
  errorExample,
  exampleCall,
  missingCall,
  notFound,
  pathParameter,
  refusalWords,
  reply,
} from "#http/words.ts";
import { personValueInQuery } from "#people/person-key.ts";
import type { SuppressionKind } from "#people/suppression-key.ts";
import { readEntry, readHeld, readPerson, USUAL_COUNTRY } from "#suppression/entry.ts";
import { countEntries, isSuppressed, type NewEntries } from "#suppression/entry-records.ts";
import type { Recipes } from "#suppression/recipe.ts";
import { type AdminParts, authorOf } from "./parts.ts";
import { COUNTRY, IMPORT_SETTINGS, importFile, MOST_IMPORTS, NO_LIST, RECIPE } from "./suppression-import.ts";

const MOST_AT_ONCE = 10_000;

/** The longest that an import may be silent, in seconds: what waits to be written, or taken off, may be all that is left of it. */
const IMPORT_IDLE_SECONDS = 240;

const LIST = "/api/v1/admin/suppression-lists/:list";
const LIST_ID = pathParameter("The list's id", "global-dnc");
const PHONE_EXPECTED = "Phone must be a telephone number (US, or with + and country code)";

/** Who is on a suppression list. Entries are in force for the very next lead. */
export function suppressionEntryRoutes(parts: AdminParts): Route[] {
  return [addRoute(parts), removeRoute(parts), checkRoute(parts), countRoute(parts)];
}

/** What programs call CSV: spreadsheets, and what they have registered with their system. */
const CSV_TYPES = new Set(["text/csv", "application/csv", "text/plain", "application/vnd.ms-excel"]);
const NEITHER =
  "Send entries as application/json, or a file as text/csv, for which application/csv, text/plain and " +
  "application/vnd.ms-excel are taken too.";

function addRoute(parts: AdminParts): Route {
  const imports = countInFlight(MOST_IMPORTS);
  return route({
    method: "post",
    path: `${LIST}/entries`,
    who: parts.operators.operate,
    reads: IMPORT_SETTINGS,
    body: readByRoute({
      schema: objectOf({ entries: listOf(ENTRY) }),
      instead: {
        "text/csv": { schema: text, example: "phone,email\n(212) 555-0123,\n,never@example.com\n" },
      },
    }),
    answer({ context, caller, params }) {
      const mediaType = mediaTypeOf(context.request);
      if (!CSV_TYPES.has(mediaType)) {
        return mediaType === "application/json"
          ? addEntriesSent(context, params.list, caller, parts)
          : context.refuse("unsupported_media_type", NEITHER);
      }
      context.allowSilence(IMPORT_IDLE_SECONDS);
      return importFile(context, params.list, caller, parts, imports);
    },
    words: {
      operation: "addSuppressionEntries",
      section: "Operators",
      summary: "Put people on a suppression list",
      description: `Puts people on a list, in force for the very next lead. They are kept as keyed hashes.

JSON takes up to 10,000 entries, all or none. \`text/csv\`, also with \`Content-Encoding: gzip\`, is of any length: the
first line names the columns, unless \`columns\` does, of \`phone\`, \`email\`, \`phone_md5\`, \`phone_sha256\`,
\`email_md5\`, \`email_sha256\`;
what is written is in force at once; a bad cell is told by its line and the rest is taken. To \`Accept:
application/x-ndjson\` a long import answers a line each second.

Hashes are hexadecimal, SHA-256 also base64. Leads are hashed in each usual way to be found among them, or in the one
that \`recipe\`, or the end of a column's name (\`phone_md5:last_ten\`), says: \`e164\` +15125550147, \`digits\`
15125550147, \`last_ten\` 5125550147, \`lower\` for lower-case e-mails, \`gmail\` also without the dots before
@gmail.com; \`meta\`, \`google\` and \`drop\` (California) stand for one of each.`,
      params: { list: LIST_ID },
      calls: {
        added: exampleCall(
          "Two people",
          { entries: [{ phone: "(212) 555-0123" }, { email: "never@example.com" }] },
          200,
          { data: { received: 2, added: 2 } },
        ),
        not_valid: exampleCall(
          "An entry that is none: nothing is changed",
          { entries: [{ phone: "555" }] },
          400,
          errorExample("validation_failed", "1 field is not valid; nothing was changed", {
            field_errors: [{ field: "entries[0].phone", code: "invalid_format", message: PHONE_EXPECTED }],
          }),
        ),
      },
      replies: {
        200: {
          ...reply(
            "How many entries or rows were received, and how many entries were not on the list before.",
            dataOf(ADDED),
          ),
          examples: {
            csv: {
              summary: "A CSV of three rows",
              value: {
                data: {
                  received: 3,
                  added: 2,
                  already_there: 0,
                  bad: 1,
                  bad_lines: [{ line: 3, field: "phone", code: "invalid_format", message: PHONE_EXPECTED }],
                },
              },
            },
          },
        },
        400: refusalWords("The body could not be read, or a field of it is not valid."),
        404: notFound("suppression list"),
        409: refusalWords("Another replacement of the list began, and this one was left off."),
      },
    },
  });
}

/** A body, of who may still send it once it is there. */
async function readOfCaller(
  context: RequestContext,
  { operators }: AdminParts,
  read: typeof readObject,
): ReturnType<typeof readObject> {
  const body = await read(context);
  if (!body.ok) return body;
  const refusal = await refusedSince(operators.operate, context);
  return refusal === undefined ? body : { ok: false, reply: refusal };
}

async function addEntriesSent(
  context: RequestContext,
  listId: string,
  caller: Operator,
  parts: AdminParts,
): Promise<Response> {
  const { values, errors } = readQuery(context.request.url, { recipe: RECIPE, country: COUNTRY });
  if (errors.length > 0) return invalid(context, errors);
  const body = await readOfCaller(context, parts, readObject);
  if (!body.ok) return body.reply;
  const read = keysOf(body.value, values, parts.pepper);
  if ("errors" in read) return nothingChanged(read.errors, context);
  const added = await addEntries(listId, read, parts.database, authorOf(caller, parts));
  if (added === null) return context.refuse("not_found", NO_LIST);
  return context.json(200, { data: { received: read.received, added } });
}

function removeRoute(parts: AdminParts): Route {
  const { database, operators, pepper } = parts;
  const settings = { all: oneWordOf(["true"], "Empties the list"), country: COUNTRY };
  return route({
    method: "delete",
    path: `${LIST}/entries`,
    who: operators.operate,
    reads: settings,
    body: readByRoute({ schema: ENTRY, optional: true }),
    async answer({ context, caller, params: { list } }) {
      const { values, errors } = readQuery(context.request.url, settings);
      if (errors.length > 0) return invalid(context, errors);
      const author = authorOf(caller, parts);
      if (values.all !== null) {
        const said = await readOfCaller(context, parts, readOptionalObject);
        if (!said.ok) return said.reply;
        if (Object.keys(said.value).length > 0) return invalid(context, [ALL_BUT_ONE]);
        // Some 4 s for each 200,000 on the embedded database.
        context.allowSilence(IMPORT_IDLE_SECONDS);
        const removed = await emptyList(list, database, author);
        if (removed === null) return context.refuse("not_found", NO_LIST);
        return context.json(200, { data: { removed } });
      }
      const body = await readOfCaller(context, parts, readObject);
      if (!body.ok) return body.reply;
      const entry = readHeld(body.value, pepper, values.country ?? USUAL_COUNTRY);
      if (!entry.ok) return nothingChanged(entry.errors, context);
      const removed = await removeEntries(list, entry.keys, database, author);
      if (removed === null) return context.refuse("not_found", NO_LIST);
      return removed === 0 ? context.refuse("not_found", NOT_ON_IT) : context.empty();
    },
    words: {
      operation: "removeSuppressionEntry",
      section: "Operators",
      summary: "Take a person off a suppression list",
      description: `Takes one person off a list, however the list holds them: a phone or an e-mail takes off its hashes too. With
\`all=true\` and no body, everybody.`,
      params: { list: LIST_ID },
      calls: {
        removed: exampleCall("A person who is on the list", { phone: "(512) 555-0102" }, 204),
        not_on_it: missingCall("A person who is not", NOT_ON_IT, { phone: "(512) 555-0147" }),
      },
      replies: {
        200: reply("Emptied.", dataOf(objectOf({ removed: count }))),
        204: reply("Taken off."),
        400: refusalWords("The body could not be read, or a field of it is not valid."),
        404: notFound("list or entry"),
      },
    },
  });
}

const NOT_ON_IT = "This entry is not on the list.";

/** A slip would take off everybody where one was meant. */
const ALL_BUT_ONE: ReplyFieldError = {
  field: "all",
  code: "not_allowed",
  message: "is not said together with a person: send no body to empty the list",
};

/** Whether a lead with this phone or e-mail would be found on the list, whichever way the list holds it. */
function checkRoute({ database, operators, pepper }: AdminParts): Route {
  return route({
    method: "get",
    path: `${LIST}/check`,
    who: operators.read,
    query: {
      phone: anything("A telephone number", "+15125550101"),
      email: anything("An e-mail address"),
      country: COUNTRY,
    },
    async answer({ context, params, query: { country, ...person } }) {
      const asked = Object.entries(person).filter((each): each is [string, string] => each[1] !== null);
      const said = asked.map(([name, value]) => [name, personValueInQuery(name, value)]);
      const read = readPerson(Object.fromEntries(said), pepper, country ?? USUAL_COUNTRY);
      if (!read.ok) return invalid(context, read.errors);
      const suppressed = await isSuppressed(database, params.list, read.keys);
      if (suppressed === null) return context.refuse("not_found", NO_LIST);
      return context.json(200, { data: { suppressed } });
    },
    words: {
      operation: "checkSuppression",
      section: "Operators",
      summary: "Whether a person is on a suppression list",
      description:
        "Whether a lead with this phone or e-mail would be found on the list, however the list holds it.",
      params: { list: LIST_ID },
      calls: { on_it: exampleCall("On the list", undefined, 200, { data: { suppressed: true } }) },
      replies: {
        200: reply("Whether the person is on it.", dataOf(objectOf({ suppressed: flag }))),
        404: notFound("suppression list"),
      },
    },
  });
}

/** How many are on a list. A person with a phone and an e-mail is two entries. */
function countRoute({ database, operators }: AdminParts): Route {
  return singleRoute({
    path: `${LIST}/count`,
    who: operators.read,
    missing: NO_LIST,
    read: ({ list }) => database.read((db) => countEntries(db, list)),
    words: {
      operation: "countSuppressionEntries",
      section: "Operators",
      summary: "How many are on a suppression list",
      description: `How many entries a list has: a person who is on it by phone and by e-mail is two. 10,000,000 are counted at most; of
more, \`complete\` is false.`,
      params: { list: LIST_ID },
      calls: {
        counted: exampleCall("The demo set-up's list", undefined, 200, {
          data: { entries: 4, complete: true },
        }),
      },
      replies: {
        200: reply("How many.", dataOf(objectOf({ entries: count, complete: flag }))),
        404: notFound("suppression list"),
      },
    },
  });
}

const ENTRY = named("SuppressionEntry", {
  ...objectOf(
    {},
    {
      phone: text,
      email: { type: "string", format: "email" },
      phone_sha256: { type: "string", pattern: "^[0-9A-Fa-f]{64}$" },
      phone_md5: { type: "string", pattern: "^[0-9A-Fa-f]{32}$" },
      email_sha256: { type: "string", pattern: "^[0-9A-Fa-f]{64}$" },
      email_md5: { type: "string", pattern: "^[0-9A-Fa-f]{32}$" },
    },
  ),
  additionalProperties: false,
  minProperties: 1,
  description: "A person, by phone or e-mail, plain or hashed.",
});

const ADDED = objectOf(
  { received: count, added: count },
  {
    already_there: count,
    bad: { ...count, description: "Of CSV: rows with a cell that is no phone, e-mail or hash." },
    bad_lines: listOf(
      objectOf({ line: { type: "integer", minimum: 1 }, field: text, code: text, message: text }),
      "The first thousand; values are not repeated.",
    ),
    removed: {
      type: ["integer", "null"],
      description: "Of a replacement: what was taken off; null when a row was bad or there was none.",
    },
  },
);

function keysOf(
  body: Readonly<Record<string, unknown>>,
  { recipe, country }: { recipe: Recipes | null; country: string | null },
  pepper: Uint8Array,
): (NewEntries & { received: number }) | { errors: ReplyFieldError[] } {
  const { entries, ...others } = body;
  if (!Array.isArray(entries)) {
    return {
      errors: [
        {
          field: "entries",
          code: entries === undefined ? "required" : "invalid_type",
          message: "must be a list",
        },
      ],
    };
  }
  if (Object.keys(others).length > 0) {
    return {
      errors: [{ field: "", code: "unknown_field", message: "the body must have nothing but entries" }],
    };
  }
  if (entries.length > MOST_AT_ONCE) {
    return {
      errors: [{ field: "entries", code: "too_long", message: "must have at most 10,000 entries at once" }],
    };
  }
  const keys: string[] = [];
  const kinds = new Set<SuppressionKind>();
  const errors: ReplyFieldError[] = [];
  for (const [index, each] of entries.entries()) {
    const entry = readEntry(each, pepper, recipe ?? {}, country ?? USUAL_COUNTRY);
    if (entry.ok) {
      keys.push(...entry.keys);
      for (const kind of entry.kinds) kinds.add(kind);
    } else errors.push(...entry.errors.map((error) => atEntry(index, error)));
  }
  return errors.length > 0 ? { errors } : { keys, kinds: [...kinds], received: entries.length };
}

function atEntry(index: number, { field, code, message }: ReplyFieldError): ReplyFieldError {
  return { field: `entries[${index}]${field === "" ? "" : `.${field}`}`, code, message };
}

function nothingChanged(errors: readonly ReplyFieldError[], context: RequestContext): Response {
  const message = `${fieldsNotValid(errors.length)}; nothing was changed`;
  return context.refuse("validation_failed", message, { field_errors: errors });
}
