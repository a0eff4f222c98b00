import { listedRows, type View } from "#cli/command/asking.ts";
import { cellText } from "#cli/command/cell.ts";
import { narrower, recordText, sectionText } from "#cli/command/record.ts";
import { tableText } from "#cli/command/table.ts";
import type { Mapping } from "#text/problem.ts";
import { whyPassedOver } from "./passed-over.ts";

/** A lead with the trace of how it was decided, why each buyer was passed over in words. */
export const leadWithTrace: View = ({ data, terminal }) => {
  const { trace, warnings, ...lead } = data;
  const warned = listedRows(warnings).map(({ message }) => `${cellText(message)}\n`);
  return [
    recordText(lead, terminal),
    sectionText("trace", traceText(listedRows(trace), narrower(terminal))),
    ...(warned.length === 0 ? [] : [sectionText("but", warned.join(""))]),
  ].join("");
};

function traceText(trace: readonly Mapping[], page: Parameters<typeof tableText>[2]): string {
  return trace
    .map(({ check, result, buyers, ...more }) => {
      const said = Object.keys(more).length === 0 ? "" : `  ${cellText(more)}`;
      const line = `${`${String(check)}  ${String(result)}`.concat(said)}\n`;
      return buyers === undefined
        ? line
        : line + sectionText("", buyersText(listedRows(buyers), page)).slice(1);
    })
    .join("");
}

function buyersText(buyers: readonly Mapping[], page: Parameters<typeof tableText>[2]): string {
  const why = (buyer: Mapping) => (buyer.chosen === true ? "chosen" : whyPassedOver(buyer));
  return tableText(buyers, ["buyer_id", { title: "WHY", of: why }], narrower(page));
}

/** Most buyers that are named for one reason. */
const MOST_NAMED = 3;

/** Why no buyer took a lead, in a line: the reasons, most frequent first, each with the buyers it holds for. */
export function whyNobody(buyers: unknown): string {
  const passed = listedRows(buyers).filter(({ chosen }) => chosen !== true);
  if (passed.length === 0) return "no buyer has a contract";
  const byReason = [...Map.groupBy(passed, whyPassedOver)].toSorted(
    ([, some], [, others]) => others.length - some.length,
  );
  return byReason
    .map(([why, those]) => {
      const named = those.slice(0, MOST_NAMED).map(({ buyer_id: id }) => String(id));
      const more = those.length > MOST_NAMED ? [`${those.length - MOST_NAMED} more`] : [];
      return `${[...named, ...more].join(", ")}: ${why}`;
    })
    .join("; ");
}
