import { isMapping, type Mapping, type Problem } from "#text/problem.ts";
import {
  HIDDEN,
  headerPieces,
  type Piece,
  restoreHeader,
  restoreUrl,
  secretsIn,
  urlPieces,
} from "./secret-parts.ts";
import { openText, type StoredText, sealText, shownText } from "./stored-text.ts";

/** Whose target it is, under which key its secrets are sealed, and whether its texts are filled in from leads. */
export interface TargetOwner {
  readonly recipient: string;
  readonly key: Uint8Array;
  readonly isTemplate: boolean;
}

/** The target, a mapping with `url`, `test_url` and `headers`, as anybody may see it. */
export function shownTarget(target: Mapping): Mapping {
  return withTexts(target, shownText);
}

/**
 * The target as it may be stored. What has `***` gets back what `kept`, the one so far, has there, and what stays the same is stored as
 * it was. Each place where there is nothing to be kept is a problem.
 */
export function sealTarget(
  written: Mapping,
  kept: Mapping | undefined,
  owner: TargetOwner,
): { target: Mapping; problems: Problem[] } {
  const problems: Problem[] = [];
  const target = withTexts(written, (text, header, path) => {
    const closed = sealWritten({ text, kept: keptText(kept, header, path), header }, owner);
    if (closed !== undefined) return closed;
    problems.push({ path, message: NOTHING_KEPT });
    return text;
  });
  return { target, problems };
}

const NOTHING_KEPT = `must be written out: ${HIDDEN} stands for a value that is kept, and none is kept here`;

/** One text of a target: a URL, or the value of a header. */
interface Written {
  readonly text: StoredText;
  readonly kept: StoredText | undefined;
  /** Null: a URL. */
  readonly header: string | null;
}

/** Undefined when nothing is kept that `***` could stand for. */
function sealWritten({ text, kept, header }: Written, owner: TargetOwner): StoredText | undefined {
  const opened = (stored: StoredText) => openText(stored, owner.recipient, owner.key);
  if (kept !== undefined && text === shownText(kept)) return kept;
  const whole = typeof text === "string" ? restored(text, kept && opened(kept), header, owner) : opened(text);
  if (whole === undefined) return undefined;
  if (kept !== undefined && whole === opened(kept)) return kept;
  if (typeof text !== "string") return text;
  return sealText(piecesOf(whole, header, owner), owner.recipient, owner.key);
}

function restored(
  text: string,
  kept: string | undefined,
  header: string | null,
  owner: TargetOwner,
): string | undefined {
  if (!text.includes(HIDDEN)) return text;
  const secrets = secretsIn(kept === undefined ? [] : piecesOf(kept, header, owner));
  const found = header === null ? restoreUrl(text, secrets) : restoreHeader(header, text, secrets);
  return found.missing.length === 0 ? found.text : undefined;
}

function piecesOf(text: string, header: string | null, { isTemplate }: TargetOwner): Piece[] {
  return header === null ? urlPieces(text, isTemplate) : headerPieces(header, text, isTemplate);
}

/** Where a target has URLs. */
const URLS = ["url", "test_url"];

/** The same target with each of its texts changed; `header` is null for a URL. What is no text stays. */
function withTexts(
  target: Mapping,
  change: (text: StoredText, header: string | null, path: string) => StoredText,
): Mapping {
  const { headers } = target;
  const changed: Record<string, unknown> = { ...target };
  for (const name of URLS) {
    const url = target[name];
    if (isStoredText(url)) changed[name] = change(url, null, name);
  }
  if (isMapping(headers)) {
    changed.headers = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [
        name,
        isStoredText(value) ? change(value, name, `headers.${name}`) : value,
      ]),
    );
  }
  return changed;
}

function keptText(kept: Mapping | undefined, header: string | null, path: string): StoredText | undefined {
  if (kept === undefined) return undefined;
  const headers = isMapping(kept.headers) ? Object.entries(kept.headers) : [];
  const text =
    header === null ? kept[path] : headers.find(([name]) => name.toLowerCase() === header.toLowerCase())?.[1];
  return isStoredText(text) ? text : undefined;
}

function isStoredText(value: unknown): value is StoredText {
  if (typeof value === "string") return true;
  return isMapping(value) && typeof value.shown === "string" && typeof value.sealed === "string";
}
