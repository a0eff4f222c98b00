/** What a word of the API means for whoever looks: good, bad, to be watched, or neither. */
const TONES: Readonly<Record<string, "good" | "bad" | "warn" | "calm" | "busy">> = {
  ACCEPTED: "good",
  UNMATCHED: "warn",
  DUPLICATE: "calm",
  REJECTED: "bad",
  RETURNED: "warn",
  PENDING: "busy",
  HELD: "busy",
  delivered: "good",
  pending: "busy",
  paused: "warn",
  rejected: "bad",
  dead: "bad",
  up: "good",
  down: "bad",
  active: "good",
  asked: "busy",
  accepted: "good",
  sold: "good",
  returned: "warn",
  refused: "warn",
  issued: "busy",
  paid: "good",
  expired: "calm",
  revoked: "calm",
  passed: "good",
  ended: "bad",
};

/** A state as a word with a mark, told apart by more than colour. */
export function Status({ word, label }: { word: string; label?: string }) {
  return (
    <span className="status" data-tone={TONES[word] ?? "calm"}>
      {label ?? inWords(word)}
    </span>
  );
}

/** `buyer_cap` is “buyer cap”, `UNMATCHED` “Unmatched”. */
export function inWords(word: string): string {
  const text = word.replaceAll("_", " ");
  return text === text.toUpperCase() ? text.charAt(0) + text.slice(1).toLowerCase() : text;
}

/** Why a lead ended so, in words; empty where its status says it already. */
export function reasonInWords(status: string, reason: string | null | undefined): string {
  if (reason === null || reason === undefined || status === "ACCEPTED") return "";
  return reason === status.toLowerCase() ? "" : inWords(reason);
}

/** A text with a capital at its beginning. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
