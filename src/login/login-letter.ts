import type { NamedParty } from "#access/sessions/portal-link-records.ts";
import { oneLine } from "#text/one-line.ts";

/** A party that somebody may log in as, and the link that does it. */
export interface LinkedParty {
  party: NamedParty;
  url: string;
}

/** What is sent to an address: for each party that it may log in as, a link. */
export function loginLetter(
  links: readonly LinkedParty[],
  { brand, host, minutes }: { brand: string; host: string; minutes: number },
): { subject: string; body: string } {
  const lines = links.map(
    ({ party, url }) => `${oneLine(party.name, LONGEST_NAME)} (${party.kind}):\n${url}\n`,
  );
  const each = links.length === 1 ? "The link works" : "Each link works";
  return {
    subject: oneLine(`Log in to ${brand}`, LONGEST_NAME),
    body: `Somebody, presumably you, asked at ${host} for a link to log in to the portal of ${brand}.

${lines.join("\n")}
${each} once, within the next ${minutes} minutes. If it was not you who asked, you need do nothing.
`,
  };
}

const LONGEST_NAME = 150;
