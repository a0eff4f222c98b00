import { Elysia } from "elysia";
import { type AdminContext, refusalOfStranger } from "./operator.ts";
import { giveSecret, recoverDeliveries, resumeDeliveries, sendTest } from "./recipients.ts";

/** The operator's own endpoints: their secrets, and what was to be sent to them. */
export function webhookRoutes(context: AdminContext) {
  return new Elysia({ prefix: "/api/v1/admin/webhooks/:id" })
    .onBeforeHandle(({ request }) => refusalOfStranger(request, context))
    .post("/secret", ({ request, params }) => giveSecret(request, `webhook:${params.id}`, context), {
      parse: "none",
    })
    .post("/recover", ({ request, params }) => recoverDeliveries(request, `webhook:${params.id}`, context), {
      parse: "none",
    })
    .post("/test", ({ request, params }) => sendTest(request, `webhook:${params.id}`, context), {
      parse: "none",
    })
    .post("/resume", ({ request, params }) => resumeDeliveries(request, `webhook:${params.id}`, context), {
      parse: "none",
    });
}
