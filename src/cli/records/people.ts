import { asks, JSON_OPTION, says, table } from "#cli/command/asking.ts";
import { command } from "#cli/command/command.ts";

/** The people who are operators, and who of the operators is logged in. */
export const people = command({
  name: "people",
  purpose: "add, list or remove the people who are operators, and log them out",
  example: "leadgate people add ada@example.com 'Ada Lovelace' --role operate",
  options: {
    "--role ROLE": "with add: read may look, operate may do the daily work, admin everything",
    ...JSON_OPTION,
  },
  forms: {
    "add EMAIL NAME --role read|operate|admin": asks(
      "POST /people",
      "make one, who logs in at /console by a link in an e-mail",
      says(({ data: { id, email } }) => `${String(email)} is an operator: ${String(id)}`),
    ),
    list: asks("GET /people", "list them", table("id", "email", "name", "role", "last_login_at")),
    "remove PERSON_ID": asks(
      "DELETE /people/PERSON_ID",
      "end that one is an operator, and log that one out",
      says(({ typed }) => `${String(typed.PERSON_ID)} removed`),
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
  },
});
