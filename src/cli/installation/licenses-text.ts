import { notices } from "./notices.ts" with { type: "macro" };
import type { Notice } from "./notices.ts";

/** All that this executable carries, and the notices that go with it. A text that many share is there once. */
export function licensesText(): string {
  return describeNotices(notices());
}

function describeNotices(all: readonly Notice[]): string {
  const sharing = new Map<string, string[]>();
  for (const { name, texts } of all) {
    for (const text of texts) sharing.set(text, [...(sharing.get(text) ?? []), name]);
  }
  const width = Math.max(...all.map(({ name }) => name.length));
  const list = all.map(({ name, version, licence }) => `  ${name.padEnd(width)}  ${licence}  (${version})\n`);
  const texts = [...sharing].map(([text, names]) => `\n${"-".repeat(80)}\n${names.join(", ")}\n\n${text}\n`);
  return `Leadgate carries these:\n\n${list.join("")}${texts.join("")}`;
}
