import { checkedDocument, documentIn, tellRefusal } from "#admin/configuration/document-body.ts";
import { type AdminParts, authorOf } from "#admin/parts.ts";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { planConfiguration } from "#configuration/apply.ts";
import { readConfiguration } from "#configuration/configuration-records.ts";
import type { IdentifiedDocument } from "#configuration/identify.ts";
import { CONFIGURATION } from "#configuration/reference/document-schema.ts";
import type { Database } from "#database/database.ts";
import { jsonAsItIs } from "#http/body-form.ts";
import type { RequestContext } from "#http/context.ts";
import { invalid, unknownNames } from "#http/field-errors.ts";
import type { Read } from "#http/json-body.ts";
import { type Listing, listReply, listSettings } from "#http/listing.ts";
import { DAY_OR_TIME, oneWordOf } from "#http/query.ts";
import type { ReplyFieldError } from "#http/reply.ts";
import { listRoute, type Route, route, singleRoute } from "#http/route.ts";
import { dataOf, objectOf, pageOf, text, textOrNull } from "#http/schema.ts";
import {
  exampleCall,
  invalidCall,
  missingCall,
  notFound,
  pathParameter,
  refusalWords,
  reply,
} from "#http/words.ts";
import type { DifferingLead } from "#simulations/comparison.ts";
import { MOST_KEPT } from "#simulations/run.ts";
import {
  insertSimulation,
  listSimulatedLeads,
  listSimulations,
  readSimulation,
  SIMULATION_STATES,
  stopSimulation,
} from "#simulations/simulation-records.ts";
import { nearest } from "#text/did-you-mean.ts";
import { leadIdOf, newUuid, simulationIdOf, uuidOfLead, uuidOfSimulation } from "#text/ids.ts";
import { isMapping, type Mapping } from "#text/problem.ts";
import { beginningOf, endingOf, readDayOrTime } from "#time/day-or-time.ts";
import {
  DIFFERING,
  differingAnswer,
  SIMULATION,
  SIMULATION_LISTED,
  simulationAnswer,
  wholeAnswer,
} from "./simulation-words.ts";

const PATH = "/api/v1/admin/simulations";
const NO_SIMULATION = "There is no such simulation.";
const HAS_ENDED = "It has ended already.";
const ON_NODES = "Past leads cannot be decided anew where tables are spread over nodes of Citus.";

/** Documents that are tried on past leads. */
export function simulationRoutes(parts: AdminParts): Route[] {
  return [
    startSimulationRoute(parts),
    listSimulationsRoute(parts),
    showSimulationRoute(parts),
    simulatedLeadsRoute(parts),
    stopSimulationRoute(parts),
  ];
}

function startSimulationRoute(parts: AdminParts): Route {
  const { database, operators } = parts;
  return route({
    method: "post",
    path: PATH,
    who: operators.operate,
    body: jsonAsItIs(WANTED),
    answer: ({ context, caller, body }) =>
      tellRefusal(context, async () => {
        if (database.isSpread) return context.refuse("conflict", ON_NODES);
        const { by, now } = authorOf(caller, parts);
        const range = rangeFrom(body, now);
        if ("errors" in range) return invalid(context, range.errors);
        const sent = await sentDocument(body.document, context);
        if (!sent.ok) return sent.reply;
        const { document } = await planConfiguration(parts, sent.value);
        const inForce = await readConfiguration(database);
        const strangers = unknownCampaigns(range.campaigns ?? [], [document, inForce?.document]);
        if (strangers.length > 0) return invalid(context, strangers);
        const id = newUuid();
        const order = { document, ...range };
        await database.write((tx) => insertSimulation(tx, { id, by, now, order }));
        parts.wakeSimulations();
        const simulation = await database.read((db) => readSimulation(db, id));
        return context.json(202, { data: simulation && wholeAnswer(simulation) });
      }),
    words: {
      operation: "startSimulation",
      section: "Operators",
      summary: "Try a document on past leads",
      description: `Decides the leads that were decided from \`since\` on and before \`until\` anew, in their order, as \`document\`
says, and compares what comes of it with what is on record. Caps, duplicates, turns and balances fill as they would have from what they were
then. Nothing is recorded and nobody is asked. It goes on in the background, one at a time, and over restarts, after which it begins anew:
look until its state is \`done\`.`,
      calls: {
        nothing: invalidCall("Without a document", { since: "2026-01-01" }, [
          "document",
          "required",
          NO_DOCUMENT,
        ]),
      },
      replies: { 202: reply("It waits, or is under way.", dataOf(SIMULATION)), 409: refusalWords(ON_NODES) },
    },
  });
}

function listSimulationsRoute({ database, operators }: AdminParts): Route {
  return listRoute({
    path: PATH,
    who: operators.read,
    listing: {
      settings: { state: oneWordOf(SIMULATION_STATES, "How far they are") },
      read: (asked, before, limit) => database.read((db) => listSimulations(db, asked, before, limit)),
      idOf: simulationIdOf,
      uuidOf: uuidOfSimulation,
    },
    shown: simulationAnswer,
    words: {
      operation: "listSimulations",
      section: "Operators",
      summary: "The simulations, newest first",
      description:
        "The simulations that wait or are under way, and the last 20 that ended, newest first, without their results.",
      calls: { none: exampleCall("None yet", undefined, 200, { data: [], next_cursor: null }) },
      replies: { 200: reply("A page of them.", pageOf(SIMULATION_LISTED)) },
    },
  });
}

function showSimulationRoute({ database, operators }: AdminParts): Route {
  return singleRoute({
    path: `${PATH}/:simulation`,
    who: operators.read,
    missing: NO_SIMULATION,
    async read({ simulation }) {
      const found = await findSimulation(simulation, database);
      return found && wholeAnswer(found);
    },
    words: {
      operation: "getSimulation",
      section: "Operators",
      summary: "How far a simulation is, and what came of it",
      description: `What leads brought on record (\`before\`) and would have brought (\`after\`): in all, and for each campaign,
supplier and buyer. \`warnings\` say what could not be known of the past.`,
      params: { simulation: pathParameter("As the answer said that began it", EXAMPLE_ID) },
      calls: { no_such_simulation: missingCall("There is none with this id", NO_SIMULATION) },
      replies: { 200: reply("The simulation.", dataOf(SIMULATION)), 404: notFound("simulation") },
    },
  });
}

function simulatedLeadsRoute({ database, operators }: AdminParts): Route {
  const listing = { settings: {}, idOf: leadIdOf, uuidOf: uuidOfLead };
  return route({
    method: "get",
    path: `${PATH}/:simulation/leads`,
    who: operators.read,
    reads: listSettings(listing),
    async answer({ context, caller, params: { simulation } }) {
      const found = await findSimulation(simulation, database);
      if (found === undefined) return context.refuse("not_found", NO_SIMULATION);
      const leads: Listing<Record<never, never>, DifferingLead & { id: string }> = {
        ...listing,
        async read(_asked, before, limit) {
          const kept = await database.read((db) => listSimulatedLeads(db, found.id, before, limit));
          return kept.map((lead) => ({ ...lead, id: lead.leadId }));
        },
      };
      return listReply(context, leads, differingAnswer, caller);
    },
    words: {
      operation: "listSimulatedLeads",
      section: "Operators",
      summary: "The leads that would have ended otherwise",
      description: `Each with how it ended on record and how it would have, and with both traces, newest first. Of a simulation with many of
them the first ${MOST_KEPT} that were found are kept.`,
      params: { simulation: pathParameter("As the answer said that began it", EXAMPLE_ID) },
      calls: { no_such_simulation: missingCall("There is none with this id", NO_SIMULATION) },
      replies: { 200: reply("A page of them.", pageOf(DIFFERING)), 404: notFound("simulation") },
    },
  });
}

function stopSimulationRoute({ database, operators, now }: AdminParts): Route {
  return route({
    method: "post",
    path: `${PATH}/:simulation/stop`,
    who: operators.operate,
    async answer({ context, params: { simulation } }) {
      const known = await findSimulation(simulation, database);
      if (known === undefined) return context.refuse("not_found", NO_SIMULATION);
      const isStopped = await database.write((tx) => stopSimulation(tx, known.id, now()));
      if (!isStopped) return context.refuse("conflict", HAS_ENDED);
      const stopped = await database.read((db) => readSimulation(db, known.id));
      return context.json(200, { data: stopped && wholeAnswer(stopped) });
    },
    words: {
      operation: "stopSimulation",
      section: "Operators",
      summary: "Stop a simulation",
      description: "One that is under way ends within a second; the leads that differed so far stay listed.",
      params: { simulation: pathParameter("As the answer said that began it", EXAMPLE_ID) },
      calls: { no_such_simulation: missingCall("There is none with this id", NO_SIMULATION) },
      replies: {
        200: reply("It is stopped.", dataOf(SIMULATION)),
        404: notFound("simulation"),
        409: refusalWords(HAS_ENDED),
      },
    },
  });
}

/** Undefined: there is none with this id. */
async function findSimulation(id: string, database: Database) {
  const uuid = uuidOfSimulation(id);
  return uuid === undefined ? undefined : await database.read((db) => readSimulation(db, uuid));
}

const EXAMPLE_ID = "simulation_01k6a1npq7f9gtqf2hs6zkdsn4";
const NO_DOCUMENT = "is required: the configuration to try, as plan takes it";
const NAMES = ["document", "since", "until", "campaigns"];

const WANTED = objectOf(
  {
    document: {
      anyOf: [CONFIGURATION, { type: "string" }],
      description: "The configuration to try, also as a text in YAML or JSON.",
    },
    since: { type: "string", description: `From here on: ${DAY_OR_TIME}; days are those of UTC.` },
  },
  {
    until: { ...textOrNull, description: "Up to here: the end of a day, or a time; otherwise now." },
    campaigns: {
      type: ["array", "null"],
      items: text,
      description:
        "Leads of these alone; otherwise of all. What others took of the same buyers' caps and balances stays.",
    },
  },
);

interface Range {
  since: number;
  until: number;
  campaigns: string[] | null;
}

function rangeFrom(body: Mapping, now: Date): Range | { errors: readonly ReplyFieldError[] } {
  const { document, since, until, campaigns, ...others } = body;
  const errors = unknownNames(others, NAMES);
  const wrong = (field: string, code: ReplyFieldError["code"], message: string) =>
    errors.push({ field, code, message });
  if (document === undefined) wrong("document", "required", NO_DOCUMENT);
  else if (typeof document !== "string" && !isMapping(document))
    wrong("document", "invalid_type", "must be a configuration, or a text that is one");
  const [from, to] = [momentOf(since), until === undefined || until === null ? null : momentOf(until)];
  if (since === undefined) wrong("since", "required", `is required: ${DAY_OR_TIME}`);
  else if (from === undefined) wrong("since", "invalid_format", `must be ${DAY_OR_TIME}`);
  if (to === undefined) wrong("until", "invalid_format", `must be ${DAY_OR_TIME}`);
  const isList = Array.isArray(campaigns) && campaigns.every((id) => typeof id === "string");
  if (campaigns !== undefined && campaigns !== null && !isList)
    wrong("campaigns", "invalid_type", "must be a list of campaigns' ids");
  if (errors.length > 0 || from === undefined || to === undefined) return { errors };
  const range = {
    since: beginningOf(from, "UTC").getTime(),
    until: Math.min(to === null ? now.getTime() : endingOf(to, "UTC").getTime(), now.getTime()),
  };
  if (range.since >= range.until) {
    wrong("since", "out_of_range", "must be before until, and before now");
    return { errors };
  }
  return { ...range, campaigns: isList ? campaigns : null };
}

function momentOf(written: unknown) {
  return typeof written === "string" ? readDayOrTime(written) : undefined;
}

/** A text that begins like JSON is read as that, any other as YAML. */
async function sentDocument(sent: unknown, context: RequestContext): Promise<Read<ConfigurationDocument>> {
  if (typeof sent !== "string") return checkedDocument(sent, context);
  return documentIn(sent, sent.trimStart().startsWith("{") ? "json" : "yaml", context);
}

/** A campaign that the document leaves out is known too: what becomes of its leads can be asked. */
function unknownCampaigns(
  asked: readonly string[],
  documents: readonly (IdentifiedDocument | undefined)[],
): readonly ReplyFieldError[] {
  const known = documents.flatMap((document) => document?.campaigns?.map(({ id }) => id) ?? []);
  return asked.flatMap((id, place) => {
    if (known.includes(id)) return [];
    const meant = nearest(id, known);
    const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
    const message = `there is no such campaign in the document, nor in force${hint}`;
    return [{ field: `campaigns[${place}]`, code: "not_allowed", message }];
  });
}
