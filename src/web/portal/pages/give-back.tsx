import { Button, NativeSelect, Textarea } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { taken } from "#web/api/client.ts";
import { Facts } from "#web/parts/facts.tsx";
import { Money } from "#web/parts/money.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { inWords, Status } from "#web/parts/status.tsx";
import { api, type PortalShapes } from "#web/portal/api/client.ts";
import { Ago, Moment } from "#web/times/moment.tsx";

type Reason = PortalShapes["ReturnOffer"]["reasons"][number];

const REASONS: Readonly<Record<Reason, string>> = {
  bad_contact: "The phone or e-mail is wrong",
  wrong_vertical: "It wants something else",
  duplicate: "We had it before",
  tcpa_risk: "It must not be called",
  out_of_area: "It is out of our area",
  other: "Something else",
};

/** Asks that a lead be taken back, where that is agreed, or says what became of it. */
export function GiveBack({ lead }: { lead: PortalShapes["PurchaseAsSent"] }) {
  const { return: offer } = lead;
  if (offer.asked !== null) return <Asked asked={offer.asked} />;
  return (
    <section className="panel">
      <h2>Give it back</h2>
      {offer.allowed ? <Form lead={lead} /> : <p className="dim">{offer.why_not}</p>}
    </section>
  );
}

function Form({ lead: { lead_id, return: offer } }: { lead: PortalShapes["PurchaseAsSent"] }) {
  const queries = useQueryClient();
  const [reason, setReason] = useState<Reason>(offer.reasons[0] ?? "other");
  const [note, setNote] = useState("");
  const [problem, setProblem] = useState<unknown>();
  const [isAsking, setAsking] = useState(false);

  async function ask() {
    setAsking(true);
    setProblem(undefined);
    try {
      const body = { lead_id, reason, ...(note.trim() !== "" && { note: note.trim() }) };
      await taken(api.POST("/api/v1/buyer/returns", { body }));
      await queries.invalidateQueries({ queryKey: ["buyer"] });
    } catch (error) {
      setProblem(error);
    }
    setAsking(false);
  }

  return (
    <div className="stack-s">
      {offer.until !== null && (
        <p className="dim">
          You can until <Moment at={offer.until} /> (<Ago at={offer.until} />
          ).
        </p>
      )}
      <NativeSelect
        size="xs"
        label="Why"
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value as Reason)}
        data={offer.reasons.map((value) => ({ value, label: REASONS[value] }))}
      />
      <Textarea
        label={reason === "other" ? "What is wrong with it" : "More about it, if you like"}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
        rows={3}
        maxLength={2000}
      />
      {problem !== undefined && <Problem error={problem} />}
      <Button
        loading={isAsking}
        disabled={reason === "other" && note.trim() === ""}
        onClick={() => void ask()}
      >
        Ask for the return
      </Button>
    </div>
  );
}

function Asked({ asked }: { asked: PortalShapes["OwnReturn"] }) {
  return (
    <section className="panel">
      <div className="panel-head">
        <h2>Return</h2>
        <Status
          word={asked.status}
          label={asked.status === "pending" ? "to be decided" : inWords(asked.status)}
        />
      </div>
      <Facts
        of={[
          ["Why", REASONS[asked.reason]],
          ["Your note", asked.note],
          ["Asked", <Moment key="asked" at={asked.asked_at} />],
          ["Decided", asked.decided_at && <Moment key="decided" at={asked.decided_at} />],
          ["Accepted by itself", asked.accepted_at && <Moment key="accepted" at={asked.accepted_at} />],
          [
            "You get back",
            asked.status !== "rejected" && (
              <Money key="amount" value={asked.amount} currency={asked.currency} />
            ),
          ],
          ["Answer", asked.decision_note],
        ]}
      />
    </section>
  );
}
