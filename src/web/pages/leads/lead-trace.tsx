import { Select } from "@mantine/core";
import IconCheck from "@tabler/icons-react/icons/IconCheck";
import IconX from "@tabler/icons-react/icons/IconX";
import { useState } from "react";
import { Link } from "#web/address/link.tsx";
import type { Shapes } from "#web/api/client.ts";
import { usePartyIds } from "#web/api/configuration.ts";
import { type BuyerVerdict, checkInWords, isOfBuyer, isOfContract, verdictInWords } from "./reasons.ts";

type Lead = Pick<Shapes["LeadOnRecord"], "trace" | "campaign_id">;
type Line = Shapes["TraceLine"];

/** The checks that a lead went through, one below the other, and each buyer with why it did or did not get it. */
export function LeadTrace({ lead }: { lead: Lead }) {
  if (lead.trace.length === 0) return <p className="dim">Its trace is not on record any more.</p>;
  return (
    <>
      <WhyNot lead={lead} />
      <ol className="trace">
        {lead.trace.map((line, place) => (
          <TraceStep key={`${place} ${line.check}`} line={line} />
        ))}
      </ol>
    </>
  );
}

function TraceStep({ line }: { line: Line }) {
  const { name, asks } = checkInWords(line.check);
  const hasEnded = line.result === "ended";
  const more = line as Record<string, unknown>;
  return (
    <li className="trace-step" data-ended={hasEnded}>
      <span className="trace-mark">{hasEnded ? <IconX size={13} /> : <IconCheck size={13} />}</span>
      <div>
        <b>{name}</b>
        {line.method !== undefined && <span className="dim"> by {line.method.replaceAll("_", " ")}</span>}
        <span className="trace-result">{hasEnded ? "ended here" : "passed"}</span>
        {asks !== undefined && line.buyers === undefined && <span className="trace-asks">{asks}</span>}
        {typeof more["buyer_id"] === "string" && (
          <p>
            {more["buyer_id"]}
            {typeof more["answer"] === "string" && `: ${more["answer"].replaceAll("_", " ")}`}
            {typeof more["follows"] === "string" && `; then ${more["follows"].replaceAll("_", " ")}`}
          </p>
        )}
        {line.detail !== undefined && <Detail detail={line.detail} />}
        {line.buyers !== undefined && <BuyerLanes buyers={line.buyers} />}
      </div>
    </li>
  );
}

function Detail({ detail }: { detail: Readonly<Record<string, unknown>> }) {
  const parts = Object.entries(detail).map(
    ([name, value]) =>
      `${name.replaceAll("_", " ")}: ${Array.isArray(value) ? value.join(", ") : String(value)}`,
  );
  return parts.length === 0 ? null : <p className="breaks">{parts.join("; ")}</p>;
}

function BuyerLanes({ buyers }: { buyers: readonly BuyerVerdict[] }) {
  if (buyers.length === 0) return <p>No buyer has a contract in this campaign.</p>;
  return (
    <ul className="lanes">
      {buyers.map((verdict) => (
        <li key={verdict.buyer_id} data-chosen={verdict.chosen === true}>
          <b>{verdict.buyer_id}</b>
          <span>{verdictInWords(verdict)}</span>
        </li>
      ))}
    </ul>
  );
}

/** Answers why one buyer did not get the lead. */
function WhyNot({ lead }: { lead: Lead }) {
  const { buyers } = usePartyIds();
  const [asked, setAsked] = useState<string | null>(null);
  return (
    <div className="why">
      <Select
        aria-label="Why not this buyer?"
        placeholder="Why not buyer …?"
        data={buyers}
        value={asked}
        onChange={setAsked}
        searchable
        clearable
        w={220}
      />
      {asked !== null && (
        <p role="status">
          <WhyNotAnswer lead={lead} buyer={asked} />
        </p>
      )}
    </div>
  );
}

function WhyNotAnswer({ lead, buyer }: { lead: Lead; buyer: string }) {
  const last = lead.trace.findLast(({ check }) => check === "buyers");
  if (last === undefined) {
    const ended = lead.trace.find(({ result }) => result === "ended");
    const where = ended === undefined ? "before" : `at “${checkInWords(ended.check).name}”, before`;
    return <>It ended {where} any buyer was looked at.</>;
  }
  const verdict = (last.buyers as BuyerVerdict[] | undefined)?.find(({ buyer_id }) => buyer_id === buyer);
  if (verdict === undefined) {
    return (
      <>
        <b>{buyer}</b> has no contract in {lead.campaign_id}.
      </>
    );
  }
  if (verdict.chosen === true) {
    return (
      <>
        <b>{buyer}</b> was chosen.
      </>
    );
  }
  return (
    <>
      <b>{buyer}</b> was passed over: {verdictInWords(verdict)}.{" "}
      {isOfContract(verdict.reason) && (
        <Link to="/campaigns" search={{ open: lead.campaign_id, tab: "change", buyer }}>
          Change its contract
        </Link>
      )}
      {isOfBuyer(verdict.reason) && (
        <Link to="/buyers" search={{ open: buyer }}>
          Look at the buyer
        </Link>
      )}
    </>
  );
}
