import { oneLine } from "#text/one-line.ts";

/** A link that logs somebody in, and as whom. */
export interface LoginLink {
  to: string;
  url: string;
}

export interface LoginLetter {
  subject: string;
  body: string;
}

/** What is sent to an address: for each that it may log in as, a link. */
export function loginLetter(
  links: readonly LoginLink[],
  { to, host, minutes }: { to: string; host: string; minutes: number },
): LoginLetter {
  const lines = links.map((link) => `${oneLine(link.to, LONGEST_NAME)}:\n${link.url}\n`);
  const each = links.length === 1 ? "The link works" : "Each link works";
  return {
    subject: oneLine(`Log in to ${to}`, LONGEST_NAME),
    body: `Somebody, presumably you, asked at ${host} for a link to log in to ${to}.

${lines.join("\n")}
${each} once, within the next ${minutes} minutes. If it was not you who asked, you need do nothing.
`,
  };
}

/** What is sent to a person who was made an operator; `by` names who did that. */
export function invitationLetter(
  url: string,
  { by, publicUrl, days }: { by: string; publicUrl: string; days: number },
): LoginLetter {
  return {
    subject: `You are an operator of Leadgate at ${new URL(publicUrl).host}`,
    body: `${oneLine(by, LONGEST_NAME)} made you an operator of Leadgate. Log in:
${url}

The link works once, within the next ${days} days. After that ask for a new one at
${publicUrl}/console
`,
  };
}

const LONGEST_NAME = 150;
