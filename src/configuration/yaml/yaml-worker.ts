// A thread that reads one YAML text: 1 MiB of it takes up to 250 ms, for which every request would wait in the main thread.
import { readDocument } from "#configuration/document-text.ts";
import type { YamlAnswer, YamlOrder } from "./large-document.ts";

declare const self: Worker;

self.onmessage = ({ data: { text, wanted } }: MessageEvent<YamlOrder>) => {
  self.postMessage(answerTo(text, wanted));
};

function answerTo(text: string, wanted: YamlOrder["wanted"]): YamlAnswer {
  const read = readDocument(text, "yaml");
  if (!read.ok) return read;
  const { document, placeOf } = read;
  if (wanted !== undefined) return { places: wanted.map(({ path, what }) => placeOf?.(path, what)) };
  // The main thread parses JSON in a tenth of the time in which it would be handed the values.
  return { json: JSON.stringify(document, finite) };
}

/** JSON has no number for `.inf` and `.nan`; they are no number that any setting takes. */
function finite(_: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}
