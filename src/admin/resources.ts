import { Elysia } from "elysia";
import {
  createResource,
  listResources,
  patchResource,
  type Removed,
  type ResourceChangedBy,
  type ResourceFilter,
  type ResourceRefusal,
  ResourceRefused,
  readResource,
  removeResource,
  type VersionedResource,
} from "#configuration/change-resource.ts";
import type { ResourceKind } from "#configuration/resource-kind.ts";
import { readMergePatch, readObject } from "#http/json-body.ts";
import { type Listing, listReply } from "#http/listing.ts";
import { errorReply, fieldsNotValid, jsonResponse, type ReplyFieldError, requestIdOf } from "#http/reply.ts";
import { createdKeysAnswer } from "./config.ts";
import { describedAs } from "./described.ts";
import { type AdminContext, callerOf } from "./operator.ts";

/** Parts of the configuration document of one kind, and how they are called in addresses. */
interface ResourceAddress {
  kind: ResourceKind;
  path: string;
  /** The name of the id in addresses: routes below it, of other files, name it so too. */
  parameter: string;
  /** In the ids of its operations: `getSupplier`, `listSuppliers`. */
  operation: string;
}

const RESOURCES: readonly ResourceAddress[] = [
  { kind: "campaign", path: "campaigns", parameter: "id", operation: "Campaign" },
  { kind: "supplier", path: "suppliers", parameter: "supplier", operation: "Supplier" },
  { kind: "buyer", path: "buyers", parameter: "id", operation: "Buyer" },
  {
    kind: "suppression_list",
    path: "suppression-lists",
    parameter: "list",
    operation: "SuppressionList",
  },
  { kind: "webhook", path: "webhooks", parameter: "id", operation: "Webhook" },
];

/** Campaigns, suppliers, buyers, suppression lists and webhooks one by one: views on the one configuration document. */
export function resourceRoutes(context: AdminContext) {
  const routes = new Elysia();
  for (const resource of RESOURCES) routes.use(routesOf(resource, context));
  return routes;
}

function routesOf(resource: ResourceAddress, context: AdminContext) {
  const { path, parameter, operation } = resource;
  const noun = nounOf(resource);
  const idIn = (params: Readonly<Record<string, string>>) => params[parameter] ?? "";
  return new Elysia({ prefix: `/api/v1/admin/${path}` })
    .get(
      "",
      ({ request }) => listReply(request, listing(resource.kind), (part) => part, context.database),
      describedAs(`list${operation}s`, `The ${noun}s`, "read"),
    )
    .post("", ({ request }) => create(request, resource, context), {
      parse: "none",
      ...describedAs(`create${operation}`, `Add a ${noun}`, "admin"),
    })
    .get(
      `/:${parameter}`,
      ({ request, params }) => show(request, resource, idIn(params), context),
      describedAs(`get${operation}`, `One ${noun}`, "read"),
    )
    .patch(`/:${parameter}`, ({ request, params }) => patch(request, resource, idIn(params), context), {
      parse: "none",
      ...describedAs(`change${operation}`, `Change a ${noun}`, "admin"),
    })
    .delete(`/:${parameter}`, ({ request, params }) => remove(request, resource, idIn(params), context), {
      parse: "none",
      ...describedAs(`remove${operation}`, `Remove a ${noun}`, "admin"),
    });
}

/** As sentences say it. */
function nounOf({ kind }: ResourceAddress): string {
  return kind.replace("_", " ");
}

function listing(kind: ResourceKind): Listing<ResourceFilter, { id: string }> {
  return {
    settings: ["archived"],
    filterFrom: (query) => ({ kind, archived: query.oneOf("archived", ["true", "false"]) === "true" }),
    read: listResources,
    idOf: (id) => id,
    uuidOf: (id) => (/^[a-z0-9][a-z0-9_-]{1,62}$/.test(id) ? id : undefined),
  };
}

async function show(
  request: Request,
  resource: ResourceAddress,
  id: string,
  { database }: AdminContext,
): Promise<Response> {
  const shown = await readResource(database, resource.kind, id);
  return shown === undefined
    ? refusalReply({ why: "not_found" }, request, resource)
    : reply(200, shown, request);
}

async function create(request: Request, resource: ResourceAddress, context: AdminContext): Promise<Response> {
  const body = await readObject(request);
  if (!body.ok) return body.reply;
  return answered(request, resource, async () => {
    const by = { by: callerOf(request), now: context.now() };
    const { createdKeys, ...created } = await createResource(context.database, resource.kind, body.value, by);
    context.keysChanged();
    const keys = resource.kind === "supplier" ? { created_keys: createdKeysAnswer(createdKeys) } : {};
    const answer = reply(201, created, request, keys);
    answer.headers.set("location", `/api/v1/admin/${resource.path}/${created.resource.id}`);
    return answer;
  });
}

async function patch(
  request: Request,
  resource: ResourceAddress,
  id: string,
  context: AdminContext,
): Promise<Response> {
  const body = await readMergePatch(request);
  if (!body.ok) return body.reply;
  return answered(request, resource, async () => {
    const patched = await patchResource(
      context.database,
      resource.kind,
      id,
      body.value,
      changedBy(request, context),
    );
    context.keysChanged();
    return reply(200, patched, request);
  });
}

async function remove(
  request: Request,
  resource: ResourceAddress,
  id: string,
  context: AdminContext,
): Promise<Response> {
  return answered(request, resource, async () => {
    const removed: Removed = await removeResource(
      context.database,
      resource.kind,
      id,
      changedBy(request, context),
    );
    context.keysChanged();
    const data = { id, action: removed.action };
    return jsonResponse(200, { data, revision: removed.revision }, { "x-request-id": requestIdOf(request) });
  });
}

function changedBy(request: Request, { now }: AdminContext): ResourceChangedBy {
  return { by: callerOf(request), now: now(), ifTag: tagsIn(request) };
}

/** `If-Match: "…", "…"`, as ETags said; a proxy that compresses may have made them weak. Null when any state will do. */
function tagsIn(request: Request): string[] | null {
  const header = request.headers.get("if-match")?.trim();
  if (header === undefined || header === "*") return null;
  return header.split(",").map((tag) => tag.trim().replace(/^(?:W\/)?"?(.*?)"?$/, "$1"));
}

function reply(
  status: number,
  { resource, tag, revision }: VersionedResource,
  request: Request,
  more: object = {},
): Response {
  return jsonResponse(
    status,
    { data: { ...resource, ...more }, revision },
    { etag: `"${tag}"`, "x-request-id": requestIdOf(request) },
  );
}

async function answered(
  request: Request,
  resource: ResourceAddress,
  work: () => Promise<Response>,
): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ResourceRefused)) throw error;
    return refusalReply(error.refusal, request, resource);
  }
}

function refusalReply(refusal: ResourceRefusal, request: Request, resource: ResourceAddress): Response {
  const noun = nounOf(resource);
  const requestId = requestIdOf(request);
  switch (refusal.why) {
    case "not_found":
      return errorReply("not_found", `There is no such ${noun}.`, requestId);
    case "taken": {
      const holder = refusal.archived ? "An archived" : "Another";
      const hint = refusal.archived ? " PATCH its status to bring it back." : "";
      return errorReply("conflict", `${holder} ${noun} has this id.${hint}`, requestId);
    }
    case "changed_since": {
      const message = `The ${noun} has changed since: read it again and make the change on that.`;
      return errorReply("conflict", message, requestId, { data: { revision: refusal.revision } });
    }
    case "archived":
      return errorReply("conflict", `This ${noun} is archived: set its status to bring it back.`, requestId);
    case "not_valid":
      return errorReply("validation_failed", fieldsNotValid(refusal.problems.length), requestId, {
        field_errors: refusal.problems.map(fieldError),
      });
    case "referred_to":
      return errorReply("conflict", `Other parts refer to this ${noun}: change them first.`, requestId, {
        field_errors: refusal.places.map(fieldError),
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
