import commands from "./commands.md" with { type: "text" };
import configuration from "./configuration.md" with { type: "text" };
import deliveries from "./deliveries.md" with { type: "text" };
import duplicates from "./duplicates.md" with { type: "text" };
import figures from "./figures.md" with { type: "text" };
import leads from "./leads.md" with { type: "text" };
import money from "./money.md" with { type: "text" };
import operating from "./operating.md" with { type: "text" };
import pingPost from "./ping-post.md" with { type: "text" };
import privacy from "./privacy.md" with { type: "text" };
import quickstart from "./quickstart.md" with { type: "text" };
import routing from "./routing.md" with { type: "text" };
import security from "./security.md" with { type: "text" };
import settings from "./settings.md" with { type: "text" };
import states from "./states.md" with { type: "text" };
import troubleshooting from "./troubleshooting.md" with { type: "text" };

/** A page of the manual. */
export interface Topic {
  /** How it is asked for: `leadgate help NAME`, `/docs/NAME`. */
  readonly name: string;
  /** Its heading. */
  readonly title: string;
  /** What it is about, in a line. */
  readonly purpose: string;
  /** In Markdown; links to other pages are to `NAME.md`. */
  readonly text: string;
}

/** The manual, which the executable carries, in the order in which a newcomer reads it. */
export const TOPICS: readonly Topic[] = [
  topic("quickstart", "a first lead, and how it was decided", quickstart),
  topic("leads", "for suppliers: send leads, look them up, report what became of them", leads),
  topic("configuration", "what is sold, by whom, to whom, under which rules", configuration),
  topic("routing", "which buyer gets a lead: schedules, caps, money, turns", routing),
  topic("duplicates", "people who were sold before, and people who must not be called", duplicates),
  topic("ping-post", "ask for a price first, sell at it; live bids; several buyers", pingPost),
  topic("money", "the ledger, balances, payments, costs, statements, rounding", money),
  topic("deliveries", "for buyers: what is sent, signed, answered and sent again", deliveries),
  topic("states", "the states of a lead and of a delivery, drawn", states),
  topic("operating", "run it: databases, Docker, systemd, backups, upgrades, metrics, reports", operating),
  topic("settings", "the environment variables of the process", settings),
  topic("commands", "what can be typed after leadgate", commands),
  topic("security", "keys, roles, and what is promised", security),
  topic("privacy", "erase people, by order and by age", privacy),
  topic("troubleshooting", "what to do when something is not as expected", troubleshooting),
  topic("figures", "how fast it is, and how that was measured", figures),
];

export function topicNamed(name: string): Topic | undefined {
  return TOPICS.find((each) => each.name === name);
}

function topic(name: string, purpose: string, text: string): Topic {
  const [, title = name] = /^# (.*)$/m.exec(text) ?? [];
  return { name, title, purpose, text };
}
