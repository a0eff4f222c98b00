import { type DocumentFormat, type ReadDocument, readDocument } from "#configuration/document-text.ts";
import type { PlaceOf } from "#configuration/problems/yaml-places.ts";

/** A place in a document that is to be found in its text. */
export interface WantedPlace {
  path: string;
  what: "value" | "name";
}

/** Each of the places, where it could be found. */
type Places = readonly ReturnType<PlaceOf>[];

type Refused = Extract<ReadDocument, { ok: false }>;

/** What the thread is given: a YAML text, and, where they are what is asked for, places in it. */
export interface YamlOrder {
  text: string;
  wanted?: readonly WantedPlace[];
}

export type YamlAnswer = Refused | { json: string } | { places: Places };

/** The value that a text stands for, with where its parts stand, or why it stands for none. */
export type DocumentRead =
  | { ok: true; document: unknown; placesOf(wanted: readonly WantedPlace[]): Promise<Places> }
  | Refused;

/** What is longer, in characters, may take more than 30 ms, and pays for a thread, which takes some 40: 32 KiB of short ones took 190. */
export const LARGEST_YAML_HERE = 4 * 1024;
/** A hundred times what the costliest text takes, in ms. */
const WITHIN_MS = 30_000;

/** Reads YAML 1.2 or JSON as `readDocument` does, and a large YAML in a thread of its own, so that no request waits for it. */
export async function readLargeDocument(text: string, format: DocumentFormat): Promise<DocumentRead> {
  if (format === "json" || text.length <= LARGEST_YAML_HERE) {
    const read = readDocument(text, format);
    if (!read.ok) return read;
    const { document, placeOf } = read;
    return {
      ok: true,
      document,
      placesOf: async (wanted) => wanted.map(({ path, what }) => placeOf?.(path, what)),
    };
  }
  const answer = await inThread({ text });
  if (!("json" in answer)) return "flaw" in answer ? answer : TOO_SLOW;
  return {
    ok: true,
    document: JSON.parse(answer.json) as unknown,
    async placesOf(wanted) {
      const found = await inThread({ text, wanted });
      return "places" in found ? found.places : [];
    },
  };
}

const TOO_SLOW: Refused = {
  ok: false,
  flaw: "too_large",
  message: "reading this YAML takes too long; send the document as JSON",
};

/** The last text that waits for a thread: one at a time, for each takes some 50 MB. */
let last: Promise<unknown> = Promise.resolve();

function inThread(order: YamlOrder): Promise<YamlAnswer> {
  const answered = last.then(() => answerOfThread(order));
  last = answered;
  return answered;
}

/** The thread's answer; it is ended when it has none in time. */
async function answerOfThread(order: YamlOrder): Promise<YamlAnswer> {
  const worker = new Worker(new URL("./yaml-worker.ts", import.meta.url), { smol: true });
  const { promise, resolve } = Promise.withResolvers<YamlAnswer>();
  const timer = setTimeout(() => resolve(TOO_SLOW), WITHIN_MS);
  worker.onmessage = ({ data }: MessageEvent<YamlAnswer>) => resolve(data);
  worker.onerror = () => resolve(TOO_SLOW);
  worker.postMessage(order);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    worker.terminate();
  }
}
