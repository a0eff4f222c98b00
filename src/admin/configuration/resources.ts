import type { Operator } from "#access/sessions/operator-gate.ts";
import { endpointOf } from "#admin/endpoints.ts";
import { type AdminParts, authorOf } from "#admin/parts.ts";
import {
  createResource,
  listResources,
  patchResource,
  type ResourceChangedBy,
  type ResourceRefusal,
  ResourceRefused,
  readResource,
  removeResource,
  type VersionedResource,
} from "#configuration/change-resource.ts";
import type { ResourceKind } from "#configuration/resource-kind.ts";
import { jsonAsItIs, mergePatch } from "#http/body-form.ts";
import type { RequestContext } from "#http/context.ts";
import type { Listing } from "#http/listing.ts";
import { yesOrNo } from "#http/query.ts";
import { fieldsNotValid, type ReplyFieldError } from "#http/reply.ts";
import { listRoute, type Route, route } from "#http/route.ts";
import { objectOf, pageOf, text, wordOf } from "#http/schema.ts";
import {
  type ExampleCall,
  exampleCall,
  invalidCall,
  missingCall,
  pathParameter,
  refusalWords,
  reply,
} from "#http/words.ts";
import { CREATED_KEYS, createdKeysAnswer } from "./configuration-schemas.ts";
import { RESOURCES, type ResourceAddress } from "./resource-kinds.ts";

/** Campaigns, suppliers, buyers, suppression lists, webhooks and conversions one by one: views on the one configuration document. */
export function resourceRoutes(parts: AdminParts): Route[] {
  return RESOURCES.flatMap((resource) => [
    listResourcesRoute(resource, parts),
    createRoute(resource, parts),
    showRoute(resource, parts),
    patchRoute(resource, parts),
    removeRoute(resource, parts),
  ]);
}

const SETTINGS = {
  archived: { ...yesOrNo("Those that are archived too"), schema: wordOf(["true", "false"]) },
};

function listResourcesRoute(resource: ResourceAddress, { database, operators }: AdminParts): Route {
  const { kind, path, operation, noun, examples } = resource;
  const listing: Listing<typeof SETTINGS, { id: string }> = {
    settings: SETTINGS,
    read: ({ archived }, before, limit) =>
      database.read((db) => listResources(db, { kind, archived: archived === true }, before, limit)),
    idOf: (id) => id,
    uuidOf: (id) => (/^[a-z0-9][a-z0-9_-]{1,62}$/.test(id) ? id : undefined),
  };
  const sorted = examples.all.toSorted((one, other) => (String(one.id) < String(other.id) ? -1 : 1));
  return listRoute({
    path: `/api/v1/admin/${path}`,
    who: operators.read,
    listing,
    shown: (each) => each,
    words: {
      operation: `list${operation}s`,
      section: "Operators",
      summary: `The ${noun}s`,
      description: `The ${noun}s as the configuration document has them, in the order of their ids.`,
      calls: {
        demo: exampleCall("Those of the demo set-up", undefined, 200, { data: sorted, next_cursor: null }),
      },
      replies: { 200: reply("A page of them.", pageOf(resource.shown)) },
    },
  });
}

function createRoute(resource: ResourceAddress, parts: AdminParts): Route {
  const { kind, path, operation, noun, entry } = resource;
  const isSupplier = kind === "supplier";
  return route({
    method: "post",
    path: `/api/v1/admin/${path}`,
    who: parts.operators.admin,
    body: jsonAsItIs(entry),
    answer: ({ context, caller, body }) =>
      answerOrRefuse(context, resource, async () => {
        const author = authorOf(caller, parts);
        const { createdKeys, ...created } = await createResource(parts, kind, body, author);
        parts.keysChanged();
        const keys = isSupplier ? { created_keys: createdKeysAnswer(createdKeys) } : {};
        const answer = versionedReply(context, 201, created, keys);
        answer.headers.set("location", `/api/v1/admin/${path}/${created.resource.id}`);
        return answer;
      }),
    words: {
      operation: `create${operation}`,
      section: "Operators",
      summary: `Add a ${noun}`,
      description: `Adds a ${noun} to the configuration document, in force for the very next lead. An id is made when none is given.${
        isSupplier ? " The supplier's first key comes with the answer, once." : ""
      }`,
      calls: creationsOf(resource),
      replies: {
        201: reply("In force.", isSupplier ? CREATED_SUPPLIER : versionedSchema(resource), ["etag"]),
        409: refusalWords(`Another ${noun} has this id.`),
      },
    },
  });
}

function creationsOf({ kind, noun, examples: { created } }: ResourceAddress): Record<string, ExampleCall> {
  const key = {
    supplier_id: String(created.id),
    id: "key_01k6a1npq7f9gtqf2hs6zkdsn4",
    key: "lg_sup_0123456789abcdefghijklmnopqrstuv1Xw2Yz",
    prefix: "lg_sup_0123",
  };
  const missing = (REQUIRED[kind] ?? []).map((field) => [field, "required", "is required"] as const);
  return {
    created: exampleCall(`A ${noun}`, created, 201, {
      data: kind === "supplier" ? { ...created, created_keys: [key] } : created,
      revision: 3,
    }),
    not_valid: invalidCall(
      "A mistake: each is named by its path",
      { name: "" },
      ["name", "too_short", "must be a text of 1 to 200 characters"],
      ...missing,
    ),
  };
}

/** What cannot be left out, beside a name. */
const REQUIRED: Partial<Record<ResourceKind, readonly string[]>> = {
  webhook: ["url", "events"],
  conversion: ["type", "dataset_id", "events"],
  report: ["report", "every", "to"],
};

function showRoute(resource: ResourceAddress, { database, operators, now }: AdminParts): Route {
  const { kind, path, parameter, operation, noun } = resource;
  return route({
    method: "get",
    path: `/api/v1/admin/${path}/:${parameter}`,
    who: operators.read,
    async answer({ context, params }) {
      const id = idIn(params, resource);
      const found = await readResource({ database }, kind, id);
      if (found === undefined) return refusalReply({ why: "not_found" }, context, resource);
      const endpoint = kind === "buyer" ? { endpoint: await endpointOf(`buyer:${id}`, database, now()) } : {};
      return versionedReply(context, 200, found, endpoint);
    },
    words: {
      operation: `get${operation}`,
      section: "Operators",
      summary: `One ${noun}`,
      description: `One ${noun} as it was written, with its ETag. One that is archived has the status \`archived\`.${
        kind === "buyer"
          ? " Its `endpoint` is no part of the configuration: it says how deliveries fare."
          : ""
      }`,
      params: idParameter(resource),
      calls: ofExample(resource, undefined, (found) => ({
        found: exampleCall("One", undefined, 200, {
          data: kind === "buyer" ? { ...found, endpoint: null } : found,
          revision: 1,
        }),
      })),
      replies: { 200: reply(`The ${noun}.`, versionedSchema(resource), ["etag"]), 404: missing(resource) },
    },
  });
}

function patchRoute(resource: ResourceAddress, parts: AdminParts): Route {
  const { kind, path, parameter, operation, noun } = resource;
  return route({
    method: "patch",
    path: `/api/v1/admin/${path}/:${parameter}`,
    who: parts.operators.admin,
    body: mergePatch({ type: "object", additionalProperties: true }),
    answer: ({ context, caller, params, body }) =>
      answerOrRefuse(context, resource, async () => {
        const by = changedBy(context, caller, parts);
        const patched = await patchResource(parts, kind, idIn(params, resource), body, by);
        parts.keysChanged();
        return versionedReply(context, 200, patched);
      }),
    words: {
      operation: `change${operation}`,
      section: "Operators",
      summary: `Change a ${noun}`,
      description: `Changes a ${noun} by a JSON merge patch (RFC 7396): what the patch names is replaced, null takes it
back to its default, lists are replaced whole. In force for the very next lead. A status of \`active\` brings an
archived one back.`,
      params: idParameter(resource),
      headers: IF_MATCH,
      calls: ofExample(resource, { name: "Renamed" }, (found) => ({
        renamed: exampleCall("Another name", { name: "Renamed" }, 200, {
          data: { ...found, name: "Renamed" },
          revision: 3,
        }),
      })),
      replies: {
        200: reply("In force.", versionedSchema(resource), ["etag"]),
        404: missing(resource),
        409: refusalWords("It has changed since, or is archived."),
      },
    },
  });
}

function removeRoute(resource: ResourceAddress, parts: AdminParts): Route {
  const { kind, path, parameter, operation, noun, examples } = resource;
  return route({
    method: "delete",
    path: `/api/v1/admin/${path}/:${parameter}`,
    who: parts.operators.admin,
    answer: ({ context, caller, params }) =>
      answerOrRefuse(context, resource, async () => {
        const id = idIn(params, resource);
        const removed = await removeResource(parts, kind, id, changedBy(context, caller, parts));
        parts.keysChanged();
        return context.json(200, { data: { id, action: removed.action }, revision: removed.revision });
      }),
    words: {
      operation: `remove${operation}`,
      section: "Operators",
      summary: `Remove a ${noun}`,
      description: `Takes a ${noun} out of the configuration: it is archived when there are leads, entries, deliveries
or money of it on record, else deleted. While other parts refer to it, it stays, and the answer names each place.`,
      params: idParameter(resource),
      headers: IF_MATCH,
      calls: { removed: examples.removed },
      replies: {
        200: reply(
          "What became of it.",
          objectOf({
            data: objectOf({ id: text, action: wordOf(["archived", "deleted"]) }),
            revision: REVISION,
          }),
        ),
        404: missing(resource),
        409: refusalWords("It has changed since, or other parts refer to it."),
      },
    },
  });
}

const REVISION = { type: "integer", description: "Of the configuration now in force." };

const CREATED_SUPPLIER = objectOf({
  data: { ...objectOf({ id: text, created_keys: CREATED_KEYS }), additionalProperties: true },
  revision: REVISION,
});

const IF_MATCH = {
  "if-match": pathParameter("The ETag of what the change was made on: 409 when it is another by now."),
};

function versionedSchema({ shown }: ResourceAddress) {
  return objectOf({ data: shown, revision: REVISION });
}

function missing({ noun }: ResourceAddress) {
  return refusalWords(`There is no such ${noun}.`);
}

function idParameter({ parameter, noun, examples }: ResourceAddress) {
  return { [parameter]: pathParameter(`The ${noun}'s id`, examples.id) };
}

function idIn(params: Readonly<Record<string, string>>, { parameter }: ResourceAddress): string {
  return params[parameter] ?? "";
}

/** Calls about the example of the demo set-up; where it has none of this kind, `sent` finds nothing. */
function ofExample(
  { noun, examples }: ResourceAddress,
  sent: object | undefined,
  calls: (found: object) => Record<string, ExampleCall>,
): Record<string, ExampleCall> {
  const found = examples.all.find(({ id }) => id === examples.id);
  if (found !== undefined) return calls(found);
  return { missing: missingCall(`No such ${noun}`, `There is no such ${noun}.`, sent) };
}

function changedBy(context: RequestContext, caller: Operator, parts: AdminParts): ResourceChangedBy {
  return { ...authorOf(caller, parts), ifTag: tagsIn(context) };
}

/** `If-Match: "…", "…"`, as ETags said; a proxy that compresses may have made them weak. Null when any state will do. */
function tagsIn(context: RequestContext): string[] | null {
  const header = context.header("if-match")?.trim();
  if (header === undefined || header === "*") return null;
  return header.split(",").map((tag) => tag.trim().replace(/^(?:W\/)?"?(.*?)"?$/, "$1"));
}

function versionedReply(
  context: RequestContext,
  status: number,
  { resource, tag, revision }: VersionedResource,
  more: object = {},
): Response {
  return context.json(status, { data: { ...resource, ...more }, revision }, { etag: `"${tag}"` });
}

async function answerOrRefuse(
  context: RequestContext,
  resource: ResourceAddress,
  work: () => Promise<Response>,
): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ResourceRefused)) throw error;
    return refusalReply(error.refusal, context, resource);
  }
}

function refusalReply(why: ResourceRefusal, context: RequestContext, { noun }: ResourceAddress): Response {
  switch (why.why) {
    case "not_found":
      return context.refuse("not_found", `There is no such ${noun}.`);
    case "taken": {
      const holder = why.archived ? "An archived" : "Another";
      const hint = why.archived ? " PATCH its status to bring it back." : "";
      return context.refuse("conflict", `${holder} ${noun} has this id.${hint}`);
    }
    case "changed_since": {
      const message = `The ${noun} has changed since: read it again and make the change on that.`;
      return context.refuse("conflict", message, { data: { revision: why.revision } });
    }
    case "archived":
      return context.refuse("conflict", `This ${noun} is archived: set its status to bring it back.`);
    case "not_valid":
      return context.refuse("validation_failed", fieldsNotValid(why.problems.length), {
        field_errors: why.problems.map(fieldError),
      });
    case "referred_to":
      return context.refuse("conflict", `Other parts refer to this ${noun}: change them first.`, {
        field_errors: why.places.map(fieldError),
      });
  }
}

function fieldError({
  path,
  code,
  message,
}: {
  path: string;
  code: ReplyFieldError["code"];
  message: string;
}): ReplyFieldError {
  return { field: path, code, message };
}
