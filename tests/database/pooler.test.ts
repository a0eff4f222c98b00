import { describe, expect, test } from "bun:test";
import { type ConnectedClient, connectionRefusal, refuseSharedConnections } from "#database/engine/pooler.ts";
import { failureOf } from "../support/database.ts";

/** Two clients; each question is answered by the backend that `backendOf` picks, from its client and how many were asked. */
function clients(
  backendOf: (client: "first" | "second", asked: number) => number,
): [ConnectedClient, ConnectedClient] {
  let asked = 0;
  const client = (name: "first" | "second") =>
    ({ unsafe: async () => [{ pid: backendOf(name, asked++) }] }) as unknown as ConnectedClient;
  return [client("first"), client("second")];
}

describe("a pooler in front of Postgres", () => {
  test("that keeps a backend for each connection is taken", async () => {
    await refuseSharedConnections(...clients((client) => (client === "first" ? 11 : 12)));
  });

  test.each<[string, (client: "first" | "second", asked: number) => number]>([
    ["gives all the same backend in turn", () => 11],
    ["hands backends out one after the other", (_, asked) => 11 + (asked % 3)],
    ["changes the second one's backend", (client, asked) => (client === "first" ? 11 : 12 + asked)],
  ])("that %s is refused in a sentence that says what to set", async (_, backendOf) => {
    const error = await failureOf(refuseSharedConnections(...clients(backendOf)));
    expect(error).toMatchObject({
      name: "DatabaseRefused",
      message: expect.stringContaining("pool_mode = session"),
    });
  });
});

describe("a connection that is refused", () => {
  test.each([
    ["08P01", "unsupported startup parameter: statement_timeout", "takes no statement_timeout"],
    ["08P01", 'unsupported startup parameter in options: "search_path"', "takes no search_path"],
    ["28P01", 'password authentication failed for user "hunter2"', "does not let this user in"],
    ["28000", 'no pg_hba.conf entry for host "10.0.0.1", no encryption', "?sslmode=require"],
    ["3D000", 'database "leads" does not exist', "There is no database of the name"],
    ["42501", "permission denied for schema public", "may not make tables"],
  ])("with %s, %s, is told in a sentence that %s, with the server's code", (code, message, says) => {
    const refusal = connectionRefusal(Object.assign(new Error(message), { code }));
    expect(refusal?.name).toBe("DatabaseRefused");
    expect(refusal?.message).toContain(says);
    expect(refusal?.message).toContain(code);
    expect(refusal?.message).not.toContain("hunter2");
  });

  test.each<[string, unknown]>([
    ["an error without a code", new Error("x")],
    ["a server that starts up", Object.assign(new Error("starting up"), { code: "57P03" })],
    ["nothing", null],
  ])("because of %s has no sentence of its own", (_, error) => {
    expect(connectionRefusal(error)).toBeUndefined();
  });
});
