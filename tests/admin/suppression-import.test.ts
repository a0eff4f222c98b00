import { describe, expect, test } from "bun:test";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { unzippedUpload } from "#admin/suppression-import.ts";
import { RequestContext } from "#http/context.ts";
import { fullDocument } from "../configuration/document-examples.ts";
import { onBothDatabases, type World } from "../support/database.ts";
import { type Answer, ask, operatorApi, operatorKey, operatorRoutesOver } from "./operator-api.ts";

const list = "/suppression-lists/global-dnc";
const hash = (algorithm: "md5" | "sha256", text: string, form: "hex" | "base64" = "hex") =>
  new Bun.CryptoHasher(algorithm).update(text).digest(form);

interface Counts {
  received: number;
  added: number;
  already_there: number;
  bad: number;
  bad_lines: { line: number; field: string; code: string; message: string }[];
  removed?: number | null;
}

onBothDatabases("suppression lists as CSV", (world) => {
  const configure = () => ask(world.database, "/config", { method: "PUT", body: fullDocument() });
  const upload = (body: BodyInit, query = "", headers: Record<string, string> = {}) =>
    send(world, body, query, headers);
  const counts = async (reply: Promise<Answer>) => (await reply).body.data as unknown as Counts;
  const isOn = async (query: string) =>
    (await ask(world.database, `${list}/check?${query}`)).body.data.suppressed;

  test("a suppression list as CSV is taken in row by row, and counted", async () => {
    await configure();
    const file =
      'phone,email\n(555) 123-4567,Ann@Example.com\n"555-123-4568",\n+15551234567,ann@example.com\n';
    expect(await counts(upload(file))).toEqual({
      received: 3,
      added: 3,
      already_there: 2,
      bad: 0,
      bad_lines: [],
    });
    for (const person of ["phone=5551234567", "phone=5551234568", "email=ann@example.com"]) {
      expect([person, await isOn(person)]).toEqual([person, true]);
    }
    expect(await counts(upload(file))).toMatchObject({ received: 3, added: 0, already_there: 5 });
  });

  test.each([
    ["with a byte order mark and CRLF", "\ufeffPhone\r\n5551234567\r\n5551234568\r\n"],
    ["with semicolons and no end of line", "email;phone\n;5551234567\n;5551234568"],
    ["with tabs and empty lines", "phone\temail\n\n5551234567\t\n\n5551234568\t\n\n"],
    [
      "with blanks and quotes",
      ' "phone" , "email"\n "5551234567", ""\n 5551234568 ,\n'.replaceAll('" ,', '",'),
    ],
  ])("a suppression list as CSV may come %s", async (_, file) => {
    await configure();
    expect(await counts(upload(file))).toMatchObject({ received: 2, added: 2, bad: 0 });
    expect(await isOn("phone=5551234568")).toBe(true);
  });

  test("bad rows of a suppression list as CSV are told by line and reason, never by value, the good ones taken", async () => {
    await configure();
    const file = [
      "phone,email,phone_md5",
      "5551234567,,",
      "secret-77,ann@example.com,",
      ",,",
      "5551234568",
      '5551234569,"a ""quoted"" one@x",',
      `,,${hash("sha256", "x")}`,
      "5551234570,,",
    ];
    const answer = await upload(file.join("\n"));
    const told = answer.body.data as unknown as Counts;
    expect(told).toMatchObject({ received: 7, added: 4, already_there: 0, bad: 5 });
    expect(told.bad_lines.map(({ line, field, code }) => `${line} ${field} ${code}`)).toEqual([
      "3 phone invalid_format",
      "4  required",
      "5  invalid_format",
      "6 email invalid_format",
      "7 phone_md5 invalid_format",
    ]);
    for (const value of ["secret", "quoted", hash("sha256", "x")]) expect(answer.text).not.toContain(value);
    expect(await isOn("email=ann@example.com")).toBe(true);
    expect(await isOn("phone=5551234568")).toBe(false);
    expect(await isOn("phone=5551234570")).toBe(true);
  });

  test("a suppression list as CSV has the first thousand bad rows told, and all of them counted", async () => {
    await configure();
    const told = await counts(upload(`phone\n${"77\n".repeat(1500)}5551234567\n`));
    expect(told).toMatchObject({ received: 1501, added: 1, bad: 1500 });
    expect(told.bad_lines).toHaveLength(1000);
    expect(told.bad_lines.at(-1)?.line).toBe(1001);
  });

  test("a suppression list as CSV names its columns in the first line, which is refused column by column", async () => {
    await configure();
    const refused = async (first: string, query = "") =>
      (await upload(`${first}\n5551234567\n`, query)).body.field_errors.map(
        ({ field, code }) => `${field} ${code}`,
      );
    expect(await refused("phone,first_name,phone")).toEqual([
      "first_name unknown_field",
      "phone not_allowed",
    ]);
    expect(await refused("5551234567,ann@example.com")).toEqual([
      "column 1 unknown_field",
      "column 2 unknown_field",
    ]);
    expect(await refused("phone_md5:lower")).toEqual(["column 1 unknown_field"]);
    expect(await refused("phone:digits")).toEqual(["column 1 unknown_field"]);
    expect(await refused("first_name", "?ignore_unknown=true")).toEqual(["line 1 required"]);
    expect((await upload("")).body.field_errors).toMatchObject([{ field: "line 1", code: "required" }]);
    const ignored = upload('first_name,phone\n"Ann, Mary",5551234567\n', "?ignore_unknown=true");
    expect(await counts(ignored)).toMatchObject({ received: 1, added: 1, bad: 0 });
  });

  test("a suppression list as CSV may hold hashes, made by the recipe that the query or the column names", async () => {
    await configure();
    await upload(`phone_sha256,email_sha256\n${hash("sha256", "5551234567", "base64")},\n`, "?recipe=drop");
    await upload(`email_md5:gmail\n${hash("md5", "annlee@gmail.com")}\n`);
    expect(await isOn("phone=5551234567")).toBe(true);
    expect(await isOn("phone=%2B445551234567")).toBe(true);
    expect(await isOn("email=ann.lee@gmail.com")).toBe(true);
    await upload(`phone_sha256:digits\n${hash("sha256", "5551234599")}\n`);
    expect(await isOn("phone=5551234599")).toBe(false);
    const wrong = await upload("phone_md5\n", "?recipe=md5&mode=swap&list=1");
    expect(wrong.body.field_errors.map(({ field }) => field)).toEqual(["list", "recipe", "mode"]);
  });

  test("a suppression list as CSV may have phones of another country", async () => {
    await configure();
    expect(await counts(upload("phone\n020 7946 0958\n+15551234567\n", "?country=GB"))).toMatchObject({
      added: 2,
    });
    for (const phone of ["+442079460958", "+15551234567"])
      expect([phone, await isOn(`phone=${encodeURIComponent(phone)}`)]).toEqual([phone, true]);
  });

  test("a suppression list as CSV may be compressed, and longer than what is written at once", async () => {
    await configure();
    const phones = Array.from({ length: 26_000 }, (_, n) => `555${2_000_000 + (n % 25_500)}`);
    const zipped = gzipSync(`phone\n${phones.join("\n")}\n`);
    const told = await counts(upload(zipped, "", { "content-encoding": "gzip" }));
    expect(told).toMatchObject({ received: 26_000, added: 25_500, already_there: 500, bad: 0 });
    expect(await isOn("phone=5552025499")).toBe(true);
    const broken = await upload(zipped.subarray(0, 5000), "", { "content-encoding": "gzip" });
    expect([broken.status, broken.body.error]).toEqual([400, "malformed_body"]);
    expect((await upload(zipped, "", { "content-encoding": "br" })).status).toBe(415);
  });

  test("a suppression list as CSV that can't be read to its end stays as far as it could", async () => {
    await configure();
    const unclosed = await upload('phone\n5551234567\n"5551234568\n5551234569\n');
    expect([unclosed.status, unclosed.body.error]).toEqual([400, "malformed_body"]);
    expect(unclosed.body.data).toMatchObject({ received: 1, added: 1 });
    expect(await isOn("phone=5551234567")).toBe(true);
    const file = held(["phone\n5551230000\n5551230001"]);
    const reply = upload(file.body);
    await file.breakOff();
    expect((await reply).status).toBe(400);
    expect(await isOn("phone=5551230000")).toBe(true);
    expect(await isOn("phone=5551230001")).toBe(false);
  });

  test("a suppression list as CSV replaces what was on the list, which until the end holds both", async () => {
    await configure();
    await upload("phone\n5551230001\n5551230002\n");
    const many = Array.from({ length: 26_000 }, (_, n) => `555${3_000_000 + n}\n`).join("");
    const file = held([`phone\n5551230002\n${many}`]);
    const reply = upload(file.body, "?mode=replace");
    while (!(await isOn("phone=5553000000"))) await Bun.sleep(1);
    expect(await isOn("phone=5551230001")).toBe(true);
    await ask(world.database, `${list}/entries`, {
      method: "POST",
      body: { entries: [{ phone: "5551239999" }] },
    });
    file.end("5551230003\n");
    expect(await counts(reply)).toMatchObject({
      received: 26_002,
      added: 26_001,
      already_there: 1,
      removed: 1,
    });
    expect(await isOn("phone=5551230001")).toBe(false);
    for (const phone of [5551230002, 5551230003, 5553025999, 5551239999]) {
      expect([phone, await isOn(`phone=${phone}`)]).toEqual([phone, true]);
    }
  }, 120_000);

  test("a suppression list as CSV replaces nothing when a row is bad or there is none", async () => {
    await configure();
    await upload("phone\n5551230001\n");
    const [bad, empty] = ["phone\n5551230002\n12\n", "phone\n"];
    expect(await counts(upload(bad, "?mode=replace"))).toMatchObject({ added: 1, bad: 1, removed: null });
    expect(await counts(upload(empty, "?mode=replace"))).toMatchObject({ received: 0, removed: null });
    expect(await isOn("phone=5551230001")).toBe(true);
  });

  test("a suppression list as CSV is replaced in the history once that is done, and added to by what is not", async () => {
    await configure();
    const newest = async () => {
      const { body } = await ask(world.database, "/history?limit=1");
      const [change] =
        (body.data as unknown as { changes: { action: string; differences: object[] }[] }[])[0]?.changes ??
        [];
      return [change?.action, change?.differences.at(-1)] as unknown;
    };
    await upload("phone\n5551230001\n");
    await upload("Name of the person\nAnn\n", "?mode=replace");
    expect(await newest()).toEqual(["entries_added", { path: "entries.bad", to: 0 }]);
    await upload("phone\n5551230002\n12\n", "?mode=replace");
    expect(await newest()).toEqual(["entries_added", { path: "entries.bad", to: 1 }]);
    await upload("phone\n5551230002\n", "?mode=replace");
    expect(await newest()).toEqual(["entries_replaced", { path: "entries.removed", to: 1 }]);
  });

  test("a suppression list as CSV gives way to another replacement that began later", async () => {
    await configure();
    await upload("phone\n5551230001\n");
    const many = Array.from({ length: 26_000 }, (_, n) => `555${3_000_000 + n}\n`).join("");
    const file = held([`phone\n${many}`]);
    const first = upload(file.body, "?mode=replace");
    while (!(await isOn("phone=5553000000"))) await Bun.sleep(1);
    const second = await counts(upload("phone\n5551230002\n", "?mode=replace"));
    file.end("5551230003\n");
    expect([(await first).status, second.added]).toEqual([409, 1]);
    expect([await isOn("phone=5551230001"), await isOn("phone=5551230002")]).toEqual([false, true]);
  }, 120_000);

  test("a suppression list is emptied at a word, and a person comes off however the list holds them", async () => {
    await configure();
    const remove = (query: string, body?: unknown) =>
      ask(world.database, `${list}/entries${query}`, { method: "DELETE", body });
    await upload(`phone,phone_md5\n5551234567,${hash("md5", "15551234567")}\n5551234568,\n`);
    expect((await remove("", { phone: "5551234567" })).status).toBe(204);
    expect(await isOn("phone=5551234567")).toBe(false);
    expect((await remove("?all=true", { phone: "5551239999" })).status).toBe(400);
    const emptied = await remove("?all=true");
    expect([emptied.status, emptied.text]).toEqual([200, '{"data":{"removed":1}}']);
    expect(await isOn("phone=5551234568")).toBe(false);
    expect((await remove("?all=yes")).status).toBe(400);
    expect(
      (await ask(world.database, "/suppression-lists/none/entries?all=true", { method: "DELETE" })).status,
    ).toBe(404);
  });

  test("a suppression list may take longer to be emptied than a silent connection is kept", async () => {
    await configure();
    const route = operatorRoutesOver(world.database).find(
      ({ method, path }) => method === "delete" && path.endsWith("/:list/entries"),
    );
    const silences: number[] = [];
    const headers = { authorization: `Bearer ${operatorKey}` };
    const request = new Request(`http://localhost/api/v1/admin${list}/entries?all=true`, {
      method: "DELETE",
      headers,
    });
    const context = new RequestContext(request, {
      trace: undefined,
      allowSilence: (seconds) => void silences.push(seconds),
    });
    expect((await route?.serve(context, { list: "global-dnc" }))?.status).toBe(200);
    expect(silences).toEqual([240]);
  });

  test("a CSV for a list that does not exist is not found, whatever it holds", async () => {
    expect((await upload("phone\n")).status).toBe(404);
  });

  test("a suppression list as CSV is read no further once its sender is gone", async () => {
    await configure();
    const gone = new AbortController();
    const file = held(["phone\n5551234567\n"]);
    const reply = send(world, file.body, "", {}, gone.signal);
    gone.abort();
    expect((await reply).body.error).toBe("malformed_body");
  });

  test("a suppression list as CSV that fails by a fault of the server says so in its last line too", async () => {
    await configure();
    const faulty = new Proxy(world.database, {
      get: (database, name) =>
        name === "write" ? () => Promise.reject(new TypeError("a fault")) : Reflect.get(database, name),
    });
    const file = held(["phone\n5551234567\n"]);
    const headers = { accept: "application/x-ndjson" };
    const answering = request({ ...world, database: faulty }, file.body, "", headers);
    const lines = (await answering).body?.pipeThrough(new TextDecoderStream()).getReader();
    await lines?.read();
    file.end("5551234568\n");
    let last = "";
    for (let read = await lines?.read(); read?.done === false; read = await lines?.read()) last = read.value;
    expect(JSON.parse(last)).toMatchObject({ error: "internal_error" });
  });

  test("a suppression list as CSV tells how far it has come to whoever asks for lines", async () => {
    await configure();
    const file = held(["phone\n5551234567\n12\n5551234568\n"]);
    const answering = request(world, file.body, "", { accept: "application/x-ndjson" });
    const lines = (await answering).body?.pipeThrough(new TextDecoderStream()).getReader();
    const first = JSON.parse((await lines?.read())?.value ?? "");
    expect(first).toMatchObject({ received: 2, bad: 1 });
    file.end("5551234569\n");
    let last = "";
    for (let read = await lines?.read(); read?.done === false; read = await lines?.read()) last = read.value;
    expect(JSON.parse(last)).toMatchObject({ data: { received: 4, added: 3, bad: 1 } });
  });
});

describe("a zipped file", () => {
  /** Takes pieces until it is refused; how many bytes came before. */
  async function bytesBefore(
    most: number,
    over: AbortSignal,
    taken: (bytes: number) => void = () => undefined,
  ) {
    const zipped = gzipSync(Buffer.alloc(4 * 1024 * 1024));
    let bytes = 0;
    let refused = "";
    try {
      for await (const piece of unzippedUpload(Readable.from([zipped]), most, over)) {
        bytes += piece.length;
        taken(bytes);
      }
    } catch (error) {
      refused = (error as Error).message;
    }
    return { bytes, refused };
  }

  test("a zipped file is unzipped no further than to the limit", async () => {
    const { signal } = new AbortController();
    expect(await bytesBefore(4 * 1024 * 1024, signal)).toEqual({ bytes: 4 * 1024 * 1024, refused: "" });
    const { bytes, refused } = await bytesBefore(100_000, signal);
    expect(bytes).toBeLessThanOrEqual(100_000);
    expect(refused).toBe("The file unzips to more than 100000 bytes.");
  });

  test("a zipped file is unzipped no further once nobody waits for it, also when all of it has come", async () => {
    const gone = new AbortController();
    const stop = (bytes: number) => {
      if (bytes > 100_000) gone.abort();
    };
    const { bytes, refused } = await bytesBefore(4 * 1024 * 1024, gone.signal, stop);
    expect(bytes).toBeLessThan(300_000);
    expect(refused).toContain("the caller is gone");
  });
});

/** A body that goes on when the test says so. */
function held(first: string[]) {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start(started) {
      controller = started;
      for (const text of first) started.enqueue(encoder.encode(text));
    },
  });
  return {
    body,
    end(text: string) {
      controller?.enqueue(encoder.encode(text));
      controller?.close();
    },
    /** Once all that was sent has been read. */
    async breakOff() {
      while ((controller?.desiredSize ?? 1) < 1) await Bun.sleep(1);
      controller?.error(new Error("the sender has gone away"));
    },
  };
}

async function send(
  world: World,
  body: BodyInit,
  query: string,
  headers: Record<string, string>,
  signal?: AbortSignal,
): Promise<Answer> {
  const response = await request(world, body, query, headers, signal);
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: JSON.parse(text), text };
}

async function request(
  world: World,
  body: BodyInit,
  query: string,
  headers: Record<string, string>,
  signal?: AbortSignal,
): Promise<Response> {
  return await operatorApi(world.database).handle(
    new Request(`http://localhost/api/v1/admin${list}/entries${query}`, {
      method: "POST",
      headers: { authorization: `Bearer ${operatorKey}`, "content-type": "text/csv", ...headers },
      body,
      ...(signal && { signal }),
    }),
  );
}
