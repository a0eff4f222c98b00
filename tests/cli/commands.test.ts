import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Command } from "#cli/command/command.ts";
import { keys } from "#cli/records/keys.ts";
import { operatorKeys } from "#cli/records/operator-keys.ts";
import { postingUrls } from "#cli/records/posting-urls.ts";
import { apply } from "#cli/remote/apply.ts";
import { exportConfiguration } from "#cli/remote/export.ts";
import { history } from "#cli/remote/history.ts";
import { plan } from "#cli/remote/plan.ts";
import { rollback } from "#cli/remote/rollback.ts";
import { readDocument } from "#configuration/document-text.ts";
import { ask, operatorApi, operatorKey } from "../admin/operator-api.ts";
import { onBothDatabases } from "../support/database.ts";
import { commandContext } from "./context.ts";

/** What is said of a supplier in no campaign. */
const IDLE = "warning suppliers[acme]: is in no campaign (not_linked)\n";

const SMALL = `version: 1
suppliers:
  - id: acme
    name: Acme
`;

onBothDatabases("commands that talk to a running server", (world) => {
  let server: Bun.Server<undefined>;
  beforeAll(() => {
    server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: (request) => operatorApi(world.database).handle(request),
    });
  });
  afterAll(() => server.stop(true));

  /** Runs a command over files that are only in memory. */
  async function run(
    command: Command,
    args: string[],
    files: Record<string, string> = {},
    adminKey: string | undefined = operatorKey,
    url = server.url.href,
    input = "",
  ) {
    let [out, err] = ["", ""];
    const written: Record<string, string> = {};
    const context = commandContext(
      { url, adminKey },
      {
        write: (text) => void (out += text),
        writeError: (text) => void (err += text),
        async readFile(path) {
          const text = files[path];
          if (text === undefined) throw new Error("no such file");
          return text;
        },
        readInput: async () => input,
        async writeFile(path, text) {
          written[path] = text;
        },
      },
    );
    const code = await command.run(args, context);
    return { code, out, err, written };
  }

  test("plan says what would change and changes nothing", async () => {
    const planned = await run(plan, ["a.yaml"], { "a.yaml": SMALL });
    expect(planned).toMatchObject({
      code: 0,
      out: `supplier acme (Acme) created\n${IDLE}1 created, 1 warning.\n`,
      err: "",
    });
    expect((await run(exportConfiguration, [])).out).toBe("version: 1\n");
  });

  test("apply says what changed and shows the new suppliers' keys", async () => {
    const applied = await run(apply, ["a.yaml"], { "a.yaml": SMALL });
    expect(applied.code).toBe(0);
    expect(applied.out.split("\n")).toEqual([
      "supplier acme (Acme) created",
      IDLE.trimEnd(),
      "1 created, 1 warning.",
      "Revision 1 is in force.",
      "Keys of the new suppliers, shown this once:",
      expect.stringMatching(/^ {2}acme {2}lg_sup_\w{38}$/),
      expect.stringContaining("leadgate campaigns link CAMPAIGN --supplier SUPPLIER"),
      "",
    ]);
    expect((await run(apply, ["a.yaml"], { "a.yaml": SMALL })).out).toBe(
      `${IDLE}Nothing changes, 1 warning.\nRevision 1 is in force.\n`,
    );
    expect((await run(plan, ["a.yaml"], { "a.yaml": SMALL })).out).toBe(
      `${IDLE}Nothing changes, 1 warning.\n`,
    );
  });

  test("export gives back the file, as YAML or as JSON", async () => {
    await run(apply, ["a.yaml"], { "a.yaml": SMALL });
    expect((await run(exportConfiguration, [])).out).toBe(SMALL);
    expect((await run(exportConfiguration, ["out.yaml"])).written).toEqual({ "out.yaml": SMALL });
    const { written } = await run(exportConfiguration, ["out.json"]);
    expect(readDocument(SMALL, "yaml")).toMatchObject(readDocument(written["out.json"] ?? "", "json"));
    expect((await run(plan, ["out.json"], written)).out).toBe(`${IDLE}Nothing changes, 1 warning.\n`);
  });

  test("apply removes what the file leaves out only when it is told to", async () => {
    await run(apply, ["a.yaml"], { "a.yaml": SMALL });
    const files = { "b.yaml": "version: 1\n" };
    const refused = await run(apply, ["b.yaml"], files);
    expect(refused).toMatchObject({ code: 1, out: "supplier acme (Acme) deleted\n1 deleted.\n" });
    expect(refused.err).toBe(
      "Nothing was applied, because this removes what the file leaves out, and this ends the keys of acme. Add --yes to do so.\n",
    );
    expect(await run(apply, ["b.yaml", "--yes"], files)).toMatchObject({ code: 0, err: "" });
  });

  test("apply sets going what was paused meanwhile only when it is told to", async () => {
    await run(apply, ["b.yaml"], { "b.yaml": `${SMALL}    status: paused\n` });
    const stale = await run(apply, ["a.yaml"], { "a.yaml": SMALL });
    expect(stale).toMatchObject({
      code: 1,
      err: "Nothing was applied, because this sets going what is paused: acme. Add --yes to do so.\n",
    });
    expect(await run(apply, ["a.yaml", "--yes"], { "a.yaml": SMALL })).toMatchObject({ code: 0 });
  });

  test("plan tells by its exit code whether something would change, and fails on warnings when it is told to", async () => {
    const files = { "a.yaml": SMALL };
    expect((await run(plan, ["a.yaml", "--exit-code"], files)).code).toBe(3);
    expect(await run(plan, ["a.yaml", "--strict"], files)).toMatchObject({
      code: 1,
      err: "There are warnings, which --strict does not let pass.\n",
    });
    expect(await run(apply, ["a.yaml", "--strict"], files)).toMatchObject({ code: 1 });
    await run(apply, ["a.yaml"], files);
    expect((await run(plan, ["a.yaml", "--exit-code"], files)).code).toBe(0);
  });

  test("plan and apply read standard input, and answer in JSON", async () => {
    const planned = await run(plan, ["-", "--json"], {}, operatorKey, server.url.href, SMALL);
    expect(JSON.parse(planned.out)).toMatchObject({
      data: { changes: [{ action: "created" }], warnings: [{ code: "not_linked" }] },
    });
    const json = '{"version":1,"suppliers":[{"id":"acme"}]}';
    const applied = await run(apply, ["-", "--json"], {}, operatorKey, server.url.href, json);
    expect(JSON.parse(applied.out)).toMatchObject({
      data: { revision: 1, created_keys: [{ supplier_id: "acme" }] },
    });
  });

  test("plan tells where in the file a mistake stands", async () => {
    const wrong = "version: 1\nbuyers:\n  - id: sunco\n    status: on\n";
    expect((await run(plan, ["b.yaml"], { "b.yaml": wrong })).err).toBe(
      "1 setting is not valid\n  b.yaml:4:13: buyers[sunco].status: must be active or paused\n",
    );
    expect((await run(plan, ["b.yaml"], { "b.yaml": "" })).err).toContain("The document is empty");
  });

  test("history of one part leaves out what else changed at the same time", async () => {
    await run(apply, ["a.yaml"], { "a.yaml": `${SMALL}buyers:\n  - id: sunco\n` });
    const { out } = await run(history, ["--buyer", "sunco"]);
    expect(out).toContain("buyer sunco (sunco) created");
    expect(out).not.toContain("supplier");
  });

  test("apply stops when the configuration is not the one it was made for", async () => {
    await run(apply, ["a.yaml"], { "a.yaml": SMALL });
    const files = { "b.yaml": `${SMALL}    status: paused\n` };
    const late = await run(apply, ["--if-revision", "7", "b.yaml"], files);
    expect(late).toMatchObject({
      code: 1,
      err: "The configuration has changed since: read it again and make the change on that.\n",
    });
    expect(await run(apply, ["b.yaml", "--if-revision", "1"], files)).toMatchObject({ code: 0 });
  });

  test("history says who changed what, and what one revision changed", async () => {
    expect(await run(history, [])).toMatchObject({ code: 0, out: "", err: "There are none.\n" });
    await run(apply, ["a.yaml"], { "a.yaml": SMALL });
    await run(apply, ["b.yaml"], { "b.yaml": `${SMALL}    status: paused\n` });
    await run(keys, ["create", "acme"]);
    const at = "2026-03-04T12:00:00.000Z";
    const changed = '    supplier acme (Acme) changed\n      status: "active" → "paused"\n';
    const acme = await run(history, ["--supplier", "acme", "--limit", "2"]);
    const operation = expect.stringMatching(/^change_\w{26} {2}\S+ {2}LEADGATE_ADMIN_KEY {2}operation$/);
    expect(acme.out.split("\n")).toEqual([
      `2  ${at}  LEADGATE_ADMIN_KEY  document`,
      ...changed.trimEnd().split("\n"),
      operation,
      "    supplier acme key created",
      expect.stringMatching(/^ {6}keys\[key_\w{26}\]: \(absent\) → /),
      "",
    ]);
    expect(acme.err).toBe("There are more: ask for them by --limit, such as --limit 200.\n");
    expect((await run(history, ["1"])).out).toBe(
      `1  ${at}  LEADGATE_ADMIN_KEY  document\n    supplier acme (Acme) created\n      id: (absent) → "acme"\n      name: (absent) → "Acme"\n`,
    );
    expect(await run(history, ["--supplier", "acne"])).toMatchObject({
      code: 1,
      err: 'There is no supplier "acne". Did you mean acme?\n',
    });
    expect(await run(history, ["7"])).toMatchObject({
      code: 1,
      err: "There was no configuration at this revision.\n",
    });
  });

  test("apply brings back what was archived meanwhile, with its keys, only when it is told to", async () => {
    await run(apply, ["a.yaml"], { "a.yaml": SMALL });
    const body = { amount: "1.00", reference: "r1" };
    await ask(world.database, "/suppliers/acme/payments", { method: "POST", body });
    await ask(world.database, "/suppliers/acme", { method: "DELETE" });
    const stale = await run(apply, ["a.yaml"], { "a.yaml": SMALL });
    expect(stale).toMatchObject({
      code: 1,
      err: "Nothing was applied, because this brings back what is archived: acme. Add --yes to do so.\n",
    });
    expect(await run(apply, ["a.yaml", "--yes"], { "a.yaml": SMALL })).toMatchObject({ code: 0 });
  });

  test("rollback shows what it would change, and does it when it is told to", async () => {
    await run(apply, ["a.yaml"], { "a.yaml": SMALL });
    await run(apply, ["b.yaml"], { "b.yaml": `${SMALL}    status: paused\n` });
    const change = `supplier acme (Acme) changed\n  status: "paused" → "active"\n${IDLE}1 changed, 1 warning.\n`;
    expect(await run(rollback, ["1"])).toMatchObject({
      code: 1,
      out: change,
      err: "Nothing was rolled back. Add --yes to do so.\n",
    });
    expect(await run(rollback, ["1", "--yes"])).toMatchObject({
      code: 0,
      out: `${change}Revision 3 is in force.\n`,
    });
    expect((await run(exportConfiguration, [])).out).toBe(SMALL);
    expect((await run(history, ["3"])).out).toContain("LEADGATE_ADMIN_KEY  rollback to 1\n");
    expect(await run(rollback, ["9", "--yes"])).toMatchObject({ code: 1 });
  });

  test("a file with problems is refused with each of them on a line", async () => {
    const planned = await run(plan, ["a.yaml"], { "a.yaml": "version: 1\nsupplier: []\nbuyers: 7\n" });
    expect(planned).toMatchObject({
      code: 1,
      err: "2 settings are not valid\n  a.yaml:2:1: supplier: is not a known setting; did you mean suppliers?\n  a.yaml:3:9: buyers: must be a list\n",
    });
  });

  test("keys are created, listed, revoked and imported from a file", async () => {
    await run(apply, ["a.yaml"], { "a.yaml": SMALL });
    expect((await run(keys, ["create", "acme", "second"])).out).toMatch(/^lg_sup_\w{38}\n$/);
    const imported = await run(keys, ["import", "acme", "old.key"], {
      "old.key": "moving-from-another-system-1\n",
    });
    expect(imported.out).toMatch(/^key_\w+ imported\n$/);
    const keyId = imported.out.split(" ")[0] ?? "";
    expect(await run(keys, ["revoke", "acme", keyId])).toMatchObject({ code: 0, out: `${keyId} revoked\n` });
    const lines = (await run(keys, ["list", "acme"])).out.trim().split("\n");
    expect(lines.map((line) => line.split(/ {2,}/).slice(2))).toEqual([
      ["STATUS", "LAST USED", "EXPIRES AT", "NAME"],
      ["live", "never", "-", "first key"],
      ["live", "never", "-", "second"],
      ["revoked", "never", "-", "imported"],
    ]);
    expect(await run(keys, ["revoke", "acme", "key_none"])).toMatchObject({
      code: 1,
      err: "This supplier has no such key.\n",
    });
  });

  test("posting URLs are created for a campaign or for any, listed and revoked", async () => {
    await run(apply, ["a.yaml"], { "a.yaml": SMALL });
    const { out } = await run(postingUrls, ["create", "acme", "--name", "Landing page"]);
    expect(out).toMatch(/^https:\/\/leads\.example\/api\/v1\/ingest\/u\/lg_url_\w{38}\n$/);
    const [, line = ""] = (await run(postingUrls, ["list", "acme"])).out.split("\n");
    const [urlId = "", ...columns] = line.split(/ {2,}/);
    expect(columns.toSpliced(1, 1)).toEqual(["any", "live", "never", "-", "Landing page"]);
    expect((await run(postingUrls, ["revoke", "acme", urlId])).out).toBe(`${urlId} revoked\n`);
    expect((await run(postingUrls, ["create", "acme", "--campaign", "none"])).err).toBe(
      'There is no campaign "none".\n',
    );
  });

  test("a key is rotated, and it is said until when the old one is good", async () => {
    await run(apply, ["a.yaml"], { "a.yaml": SMALL });
    const [, listed = ""] = (await run(keys, ["list", "acme"])).out.split("\n");
    const [keyId = ""] = listed.split(" ");
    const rotated = await run(keys, ["rotate", "acme", keyId, "--overlap", "3600"]);
    expect(rotated.out).toMatch(/^lg_sup_\w{38}\n$/);
    expect(rotated.err).toBe(`${keyId} is good until 2026-03-04T13:00:00.000Z\n`);
    expect((await run(keys, ["rotate", "acme", keyId])).out).toMatch(/^lg_sup_\w{38}\n$/);
    expect(await run(keys, ["rotate", "acme", keyId, "--overlap", "700000"])).toMatchObject({
      code: 1,
      err: "1 field is not valid\n  overlap_seconds: must be a whole number from 0 to 604,800\n",
    });
  });

  test("operators' keys are created with a role, listed and revoked", async () => {
    const created = await run(operatorKeys, ["create", "dashboard", "--role", "read"]);
    expect(created.out).toMatch(/^lg_read_\w{38}\n$/);
    const asDashboard = (command: Command, args: string[]) => run(command, args, {}, created.out.trim());
    expect((await asDashboard(exportConfiguration, [])).code).toBe(0);
    expect(await asDashboard(operatorKeys, ["list"])).toMatchObject({
      code: 1,
      err: "This needs an operator key with the role admin.\n",
    });
    const [, line = ""] = (await run(operatorKeys, ["list"])).out.split("\n");
    const [keyId = "", ...columns] = line.split(/ {2,}/);
    expect(columns).toEqual(["read", `${created.out.slice(0, 12)}…`, "live", "never", "-", "dashboard"]);
    expect((await run(operatorKeys, ["revoke", keyId])).out).toBe(`${keyId} revoked\n`);
    expect(await asDashboard(exportConfiguration, [])).toMatchObject({ code: 1 });
    expect(
      (await run(operatorKeys, ["create", "x", "--role", "owner", "--expires", "tomorrow"])).err,
    ).toContain("role: must be one of read, operate, admin\n  expires_at: must be a time to come");
  });

  test("what was typed wrongly is answered with how it is used", async () => {
    const wrong: [Command, string[]][] = [
      [plan, []],
      [plan, ["a", "b"]],
      [apply, []],
      [apply, ["a", "--if-revision"]],
      [apply, ["a", "--force"]],
      [exportConfiguration, ["a", "b"]],
      [keys, ["create"]],
      [keys, ["rename", "acme"]],
      [keys, ["revoke", "acme"]],
      [keys, ["import", "acme"]],
      [keys, ["rotate", "acme"]],
      [keys, ["rotate", "acme", "key_1", "--overlap", "a day"]],
      [keys, ["list", "acme", "--overlap", "1"]],
      [operatorKeys, []],
      [operatorKeys, ["create", "dashboard"]],
      [operatorKeys, ["list", "all"]],
      [operatorKeys, ["revoke"]],
      [operatorKeys, ["revoke", "opkey_1", "--role", "read"]],
      [history, ["1", "2"]],
      [history, ["1", "--buyer", "b"]],
      [history, ["--who", "me"]],
      [rollback, []],
      [rollback, ["first"]],
      [rollback, ["1", "2"]],
    ];
    for (const [command, args] of wrong) {
      const { code, err } = await run(command, args);
      // What is wrong with a number or a time is said before it.
      expect([code, /^Usage: leadgate /m.test(err)]).toEqual([2, true]);
    }
  });

  test("a word too many is named, and so is an id that is empty or would lead elsewhere", async () => {
    await run(apply, ["small.yaml"], { "small.yaml": SMALL });
    const firstLine = async (command: Command, args: string[]) => {
      const { code, err } = await run(command, args);
      return [code, err.split("\n", 1)[0]];
    };
    expect(await firstLine(rollback, ["1", "2"])).toEqual([2, '"2" is a word too many.']);
    expect(await firstLine(keys, ["list", "acme", "x"])).toEqual([2, '"x" is a word too many.']);
    expect(await firstLine(keys, ["list", ""])).toEqual([2, "ID is empty."]);
    expect(await firstLine(keys, ["revoke", "acme", " "])).toEqual([2, "KEY_ID is empty."]);
    expect(await firstLine(keys, ["revoke", "acme", ".."])).toEqual([2, 'KEY_ID cannot be "..".']);
    expect(await firstLine(history, ["--limit", "0"])).toEqual([2, "--limit is at least 1."]);
    expect((await run(exportConfiguration, [])).out).toContain("id: acme");
  });

  test("what cannot be done is said in a sentence", async () => {
    expect((await run(plan, ["none.yaml"])).err).toBe("none.yaml cannot be read.\n");
    expect((await run(exportConfiguration, [], {}, "lg_admin_wrong")).err).toStartWith(
      "The server does not know this operator key. Set LEADGATE_ADMIN_KEY to one of its keys",
    );
    const unreachable = await run(exportConfiguration, [], {}, operatorKey, "http://127.0.0.1:1");
    expect(unreachable.err).toBe(
      "No server answers at http://127.0.0.1:1. Start one with leadgate serve, or set LEADGATE_URL.\n",
    );
  });

  test("without an operator key nothing is asked", async () => {
    let err = "";
    const writeError = (text: string) => void (err += text);
    const context = commandContext({ url: "http://127.0.0.1:1", adminKey: undefined }, { writeError });
    const code = await exportConfiguration.run([], context);
    expect([code, err]).toEqual([
      1,
      "No operator key: DATA_DIR has none, as no server has begun there. Start one with leadgate serve; for one elsewhere set " +
        "LEADGATE_URL, and LEADGATE_ADMIN_KEY to the key that it printed on its first start.\n",
    ]);
  });
});
