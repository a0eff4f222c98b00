import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from "@simplewebauthn/browser";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { askBeside, type Shapes, taken } from "./client.ts";

/** What a passkey is to sign, as the server asks it. */
export type PasskeyAsked = PublicKeyCredentialRequestOptionsJSON;

const PATH = "/api/v1/login/passkeys";
const OWN = ["own passkeys"];

interface HeldPasskeys {
  /** Whether browsers make passkeys for this server at all. */
  can_be_made: boolean;
  passkeys: Shapes["Passkey"][];
}

/** The passkeys of who is logged in, who is a person. */
export function useOwnPasskeys() {
  return useQuery({ queryKey: OWN, queryFn: () => taken(askBeside<HeldPasskeys>("GET", PATH)) });
}

/** Makes passkeys of who is logged in, names and removes them. */
export function usePasskeyChanges() {
  const queries = useQueryClient();
  const changed = () =>
    Promise.all([OWN, ["people"]].map((queryKey) => queries.invalidateQueries({ queryKey })));
  return {
    /** Has the browser make one. Throws what the browser says when it does not. */
    async add(name: string): Promise<void> {
      const optionsJSON = await taken(
        askBeside<PublicKeyCredentialCreationOptionsJSON>("POST", `${PATH}/asked`),
      );
      const { startRegistration } = await import("@simplewebauthn/browser");
      const passkey = await startRegistration({ optionsJSON }).catch(inWordsOfOurs);
      await taken(askBeside("POST", PATH, { name, passkey }));
      await changed();
    },
    async rename(id: string, name: string): Promise<void> {
      await taken(askBeside("PATCH", `${PATH}/${id}`, { name }));
      await changed();
    },
    async remove(id: string): Promise<void> {
      await taken(askBeside("DELETE", `${PATH}/${id}`));
      await changed();
    },
  };
}

/** Has the browser sign what the server asks. Throws what the browser says when it does not. */
export async function signByPasskey(optionsJSON: PasskeyAsked): Promise<object> {
  const { startAuthentication } = await import("@simplewebauthn/browser");
  return startAuthentication({ optionsJSON }).catch(inWordsOfOurs);
}

/** Browsers say little of why, so that pages learn nothing of devices; what can be said is said in a sentence. */
function inWordsOfOurs(error: unknown): never {
  const { name } = error as { name?: string };
  if (name === "InvalidStateError") throw new PasskeyFailure("This device has a passkey of yours already.");
  if (name === "NotAllowedError" || name === "AbortError") {
    throw new PasskeyFailure(
      "No passkey was used: it was cancelled, took too long, or is on another device.",
    );
  }
  throw new PasskeyFailure("This browser can use no passkeys here.");
}

/** What is said of it is a sentence. */
class PasskeyFailure extends Error {
  override toString(): string {
    return this.message;
  }
}
