import { createLimits } from "#access/limit.ts";
import { isOfForeignPage } from "#access/sessions/session-cookie.ts";
import type { RateLimit } from "#campaigns/campaign.ts";
import { anybody, type Route, route } from "#http/route.ts";
import { ADDRESS_BODY } from "./link-bodies.ts";
import type { LoginMails, LoginPlace } from "./login-mails.ts";

/** What asking for a link works with. */
export interface AskingParts {
  /** Null: no e-mail can be sent, or it is not known where the links would lead. */
  loginMails: Pick<LoginMails, "ask"> | null;
  /** Where a request comes from; undefined when it came by no connection. */
  addressOf(request: Request): string | undefined;
  elapsedMs(): number;
}

/** Five at once from an address, and then one in ten seconds: an office may come back from lunch. */
const ASKING_LIMIT: RateLimit = { perSecond: 0.1, burstPerSecond: 5, burstSeconds: 1 };
const MOST_ADDRESSES = 10_000;

const NO_MAIL =
  "This server sends no links by e-mail: ask whoever runs it for one (it needs SMTP_URL and LEADGATE_PUBLIC_URL).";
export const NOT_GOOD =
  "This link is not good any more: it has expired, was used, or was taken back. Ask for a new one.";
export const ELSEWHERE = "Log in on a page of this server.";

/** Takes an address to which a link is to be sent. The answer is the same whether anybody has it or not. */
export function askLinkRoute(
  path: "/api/v1/portal/login" | "/api/v1/login",
  where: LoginPlace,
  { loginMails, addressOf, elapsedMs }: AskingParts,
): Route {
  const limits = createLimits(MOST_ADDRESSES);
  return route({
    method: "post",
    path,
    who: anybody,
    body: ADDRESS_BODY,
    answer({ context, body }) {
      if (loginMails === null) return context.refuse("conflict", NO_MAIL);
      if (isOfForeignPage(context.request)) return context.refuse("forbidden", ELSEWHERE);
      const address = addressOf(context.request) ?? "";
      const { admitted, retryAfter } = limits.of(address, ASKING_LIMIT).limiter.admit(elapsedMs());
      if (!admitted) {
        const message = "These are many requests for a link.";
        return context.refuse("rate_limited", message, { retry_after: retryAfter });
      }
      loginMails.ask(body.email, where);
      return context.json(202, { data: { email: body.email } });
    },
  });
}
