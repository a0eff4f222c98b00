import { asks, JSON_OPTION, says, table } from "#cli/command/asking.ts";
import { command } from "#cli/command/command.ts";

/** The people who are operators, and who of the operators is logged in. */
export const people = command({
  name: "people",
  purpose: "add, list, change or remove the people who are operators, their passkeys and sessions",
  example: "leadgate people add ada@example.com 'Ada Lovelace' --role operate",
  options: {
    "--role ROLE": "read may look, operate may do the daily work, admin everything",
    "--name NAME": "with change: what the person is called",
    "--invite": "with add: send the person a link at once",
    ...JSON_OPTION,
  },
  forms: {
    "add EMAIL NAME --role read|operate|admin [--invite]": asks(
      "POST /people",
      "make one, who logs in at /console by a link in an e-mail",
      says(({ data: { id, email } }) => `${String(email)} is an operator: ${String(id)}`),
    ),
    list: asks("GET /people", "list them", table("id", "email", "name", "role", "passkeys", "last_login_at")),
    "change PERSON_ID [--role read|operate|admin] [--name NAME]": asks(
      "PATCH /people/PERSON_ID",
      "give one another role or name, at once",
      says(
        ({ data: { email, name, role } }) => `${String(email)} is ${String(name)}, and may ${String(role)}`,
      ),
    ),
    "remove PERSON_ID": asks(
      "DELETE /people/PERSON_ID",
      "end that one is an operator, and log that one out",
      says(({ typed }) => `${String(typed.PERSON_ID)} removed`),
    ),
    "passkeys PERSON_ID": asks(
      "GET /people/PERSON_ID/passkeys",
      "the passkeys that one is asked for after the link",
      table("id", "name", "created_at", "last_used_at"),
    ),
    "remove-passkey PERSON_ID PASSKEY_ID": asks(
      "DELETE /people/PERSON_ID/passkeys/PASSKEY_ID",
      "remove one, as when its device is lost",
      says(({ typed }) => `${String(typed.PASSKEY_ID)} removed`),
    ),
    sessions: asks(
      "GET /sessions",
      "who is logged in in a browser, by a link or a key",
      table("id", "name", "created_at", "expires_at"),
    ),
    "log-out SESSION_ID": asks(
      "DELETE /sessions/SESSION_ID",
      "end a session",
      says(({ typed }) => `${String(typed.SESSION_ID)} ended`),
    ),
    "portal-sessions": asks(
      "GET /portal-sessions",
      "which suppliers and buyers are logged in to the portal",
      table("id", "kind", "party_id", "email", "link_id", "created_at", "expires_at"),
    ),
    "portal-log-out SESSION_ID": asks(
      "DELETE /portal-sessions/SESSION_ID",
      "end a session in the portal",
      says(({ typed }) => `${String(typed.SESSION_ID)} ended`),
    ),
  },
});
