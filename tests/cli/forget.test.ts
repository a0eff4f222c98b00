import { afterEach, beforeEach, expect, test } from "bun:test";
import { forget } from "#cli/remote/forget.ts";
import { onBothDatabases } from "../support/database.ts";
import { aDocument, aLead, type Leadgate, OPERATOR_KEY, openLeadgate } from "../support/leadgate.ts";
import { commandContext } from "./context.ts";

onBothDatabases("leadgate forget", (world) => {
  let leadgate: Leadgate;
  let server: Bun.Server<undefined>;
  beforeEach(() => {
    leadgate = openLeadgate(world.database);
    server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: (request) => leadgate.server.handle(request),
    });
  });
  afterEach(() => server.stop(true));

  async function run(...args: string[]) {
    let [out, err] = ["", ""];
    const context = commandContext(
      { url: server.url.href, adminKey: OPERATOR_KEY },
      { write: (text) => void (out += text), writeError: (text) => void (err += text) },
    );
    return { code: await forget.run(args, context), out, err };
  }

  test("erases a person, waits for it and says how much that was", async () => {
    await leadgate.configure(aDocument());
    const { body } = await leadgate.ingest("acme", aLead({ phone: "5127773333" }));
    const { code, out } = await run("--phone", "(512) 777-3333");
    expect(code).toBe(0);
    expect(out).toMatch(/^erasure_\w{26} is done\. Erased:\n/);
    expect(out.split("\n").slice(1, 7)).toEqual([
      "  leads: 1",
      "  deliveries: 0",
      "  delivery attempts: 0",
      "  lead updates: 0",
      "  duplicate keys: 2",
      "  deliveries cancelled: 0",
    ]);
    expect((await leadgate.admin("GET", `/leads/${body.data.id}`)).body.data.fields).toEqual({});
    expect((await run("--email", "nobody@people.example", "--no-wait")).out).toMatch(
      /^erasure_\w{26} is under way\n$/,
    );
  });

  test("says what is wrong with what was typed, and does nothing", async () => {
    expect(await run()).toMatchObject({ code: 2, out: "" });
    expect(await run("5127773333")).toMatchObject({ code: 2, out: "" });
    expect(await run("--phone", "12")).toMatchObject({ code: 1, out: "" });
    expect(await run("--phone", "5127773333", "--suppress-on", "none")).toEqual({
      code: 1,
      out: "",
      err: "There is no such suppression list.\n",
    });
  });
});
