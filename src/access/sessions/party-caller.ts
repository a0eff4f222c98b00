import type { Keyring } from "#access/keyring.ts";
import type { Sessions } from "./session.ts";

/**
 * Knows suppliers and buyers by their keys, and those who look in a browser by their session, which lets them do no more. A key goes
 * before a session; an operator's session is nobody's here.
 */
export function partyCallers(keyring: Keyring, sessions: Pick<Sessions, "of">): Pick<Keyring, "holderOf"> {
  return {
    async holderOf(request) {
      if (request.headers.has("x-api-key")) return keyring.holderOf(request);
      const found = await sessions.of(request);
      return found?.kind === "portal" ? found.visitor.holder : undefined;
    },
  };
}
