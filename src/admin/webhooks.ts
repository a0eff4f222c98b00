import { Elysia } from "elysia";
import { describedAs } from "./described.ts";
import type { AdminContext } from "./operator.ts";
import { giveSecret, recoverDeliveries, resumeDeliveries, sendTest } from "./recipients.ts";

/** The operator's own endpoints: their secrets, and what was to be sent to them. */
export function webhookRoutes(context: AdminContext) {
  return new Elysia({ prefix: "/api/v1/admin/webhooks/:id" })
    .post("/secret", ({ request, params }) => giveSecret(request, `webhook:${params.id}`, context), {
      parse: "none",
      ...describedAs("rotateWebhookSecret", "Make or rotate a webhook's signing secret", "admin"),
    })
    .post("/recover", ({ request, params }) => recoverDeliveries(request, `webhook:${params.id}`, context), {
      parse: "none",
      ...describedAs("recoverWebhookDeliveries", "Send again what did not reach a webhook", "operate"),
    })
    .post("/test", ({ request, params }) => sendTest(request, `webhook:${params.id}`, context), {
      parse: "none",
      ...describedAs("testWebhook", "Send a test to a webhook", "operate"),
    })
    .post("/resume", ({ request, params }) => resumeDeliveries(request, `webhook:${params.id}`, context), {
      parse: "none",
      ...describedAs("resumeWebhookDeliveries", "Send to a webhook again that answered 410", "operate"),
    });
}
