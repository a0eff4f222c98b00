import { Button, Select, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { Link } from "#web/address/link.tsx";
import { api, type Shapes, taken } from "#web/api/client.ts";
import type { paths } from "#web/api/leadgate.d.ts";
import { useAsking } from "#web/forms/asking.ts";
import { LeadTrace } from "#web/pages/leads/lead-trace.tsx";
import { Empty } from "#web/parts/empty.tsx";
import { Money } from "#web/parts/money.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { capital, inWords, Status } from "#web/parts/status.tsx";

type Campaign = Shapes["Campaign"];
type Field = NonNullable<Campaign["fields"]>[number];
type Simulated =
  paths["/api/v1/admin/simulate"]["post"]["responses"][200]["content"]["application/json"]["data"];

/** A person who does not exist. */
const PERSON: readonly Field[] = [
  { name: "first_name", type: "text", example: "Ada" },
  { name: "last_name", type: "text", example: "Lovelace" },
  { name: "phone", type: "phone", example: "(512) 555-0142" },
  { name: "email", type: "email", example: "ada@example.com" },
];

/** What would become of a lead, with every buyer; nothing is recorded, counted or sent. */
export function TryLead({ campaign }: { campaign: Campaign }) {
  const { result, error, isAsking, ask } = useTrial(campaign.id);
  if ((campaign.suppliers ?? []).length === 0) {
    return (
      <Empty title="No supplier is linked to this campaign.">
        Link one first: a lead comes from somebody.
      </Empty>
    );
  }
  return (
    <div className="halves">
      <section className="panel">
        <h2>A lead</h2>
        <TrialForm campaign={campaign} isAsking={isAsking} ask={ask} />
      </section>
      <section className="panel" aria-live="polite">
        <h2>What would become of it</h2>
        {error !== undefined && <Problem error={error} />}
        {result === undefined && error === undefined && (
          <Empty title="Nothing is asked yet.">
            It is decided as if it came now, with the trace of every check and buyer. Nothing is recorded or
            sent.
          </Empty>
        )}
        {result !== undefined && <Outcome result={result} />}
      </section>
    </div>
  );
}

interface Trial {
  supplier: string;
  /** As an input has it, in the viewer's zone; empty: now. */
  at: string;
  lead: Readonly<Record<string, string>>;
}

function useTrial(campaign: string) {
  const [result, setResult] = useState<Simulated>();
  const { ask, error, isAsking } = useAsking(() => setResult(undefined));
  const tryOut = ({ supplier, at, lead }: Trial) =>
    ask(async () => {
      const sent = Object.fromEntries(Object.entries(lead).filter(([, value]) => value !== ""));
      const body = { lead: sent, campaign, supplier, at: at === "" ? null : new Date(at).toISOString() };
      setResult((await taken(api.POST("/api/v1/admin/simulate", { body }))).data);
    });
  return { result, error, isAsking, ask: (trial: Trial) => void tryOut(trial) };
}

function TrialForm({
  campaign,
  isAsking,
  ask,
}: {
  campaign: Campaign;
  isAsking: boolean;
  ask(trial: Trial): void;
}) {
  const suppliers = (campaign.suppliers ?? []).map(({ supplier }) => supplier);
  const own = campaign.fields ?? [];
  const fields = [...PERSON.filter(({ name }) => own.every((each) => each.name !== name)), ...own];
  const [trial, setTrial] = useState<Trial>(() => ({
    supplier: suppliers[0] ?? "",
    at: "",
    lead: Object.fromEntries(fields.map((field) => [field.name, exampleOf(field)])),
  }));
  function submit(event: FormEvent) {
    event.preventDefault();
    ask(trial);
  }
  return (
    <form className="stack" onSubmit={submit}>
      <div className="fields fields-top">
        <Select
          label="From"
          data={suppliers}
          value={trial.supplier}
          onChange={(supplier) => setTrial({ ...trial, supplier: supplier ?? trial.supplier })}
          allowDeselect={false}
        />
        <TextInput
          type="datetime-local"
          label="At"
          description="Otherwise now"
          value={trial.at}
          onChange={(event) => setTrial({ ...trial, at: event.currentTarget.value })}
        />
      </div>
      <div className="fields fields-top">
        {fields.map((field) => (
          <LeadField
            key={field.name}
            field={field}
            value={trial.lead[field.name] ?? ""}
            set={(value) => setTrial({ ...trial, lead: { ...trial.lead, [field.name]: value } })}
          />
        ))}
      </div>
      <div>
        <Button type="submit" loading={isAsking}>
          What would become of it?
        </Button>
      </div>
    </form>
  );
}

function LeadField({ field, value, set }: { field: Field; value: string; set(value: string): void }) {
  const { name, type, values, label, required } = field;
  const words = type === "boolean" ? ["true", "false"] : type === "enum" ? values : undefined;
  const shown = `${label ?? capital(inWords(name))}${required === true ? "" : ", optional"}`;
  if (words !== undefined) {
    return (
      <Select
        label={shown}
        placeholder="not sent"
        data={words.map((word) => ({
          value: word,
          label: type === "boolean" ? (word === "true" ? "yes" : "no") : word,
        }))}
        value={value === "" ? null : value}
        onChange={(picked) => set(picked ?? "")}
        clearable
      />
    );
  }
  return (
    <TextInput
      label={shown}
      placeholder="not sent"
      value={value}
      onChange={(event) => set(event.currentTarget.value)}
    />
  );
}

/** What passes the field's own check; what it may not be is for the operator to try. */
function exampleOf({ type, example, values, min = 0, required }: Field): string {
  if (example !== undefined) return String(example);
  if (required !== true) return "";
  switch (type) {
    case "boolean":
      return "true";
    case "enum":
      return values?.[0] ?? "";
    case "state":
      return "TX";
    case "zip":
      return "78701";
    case "phone":
      return "(512) 555-0142";
    case "email":
      return "ada@example.com";
    case "url":
      return "https://example.com/";
    case "date":
      return new Date(Date.now() - 30 * 86_400_000).toISOString().slice(0, 10);
    case "datetime":
      return new Date().toISOString();
    case "number":
    case "integer":
      return String(min);
    case "text":
      return "text";
  }
}

function Outcome({ result }: { result: Simulated }) {
  const { status, reason, sales, currency, warnings, field_errors, duplicate_of } = result;
  return (
    <div className="stack">
      <div className="lead-head">
        <span>
          <Status word={status ?? "REJECTED"} {...(status === null ? { label: "Not taken in" } : {})} />
          {reason !== null && status !== "ACCEPTED" && <span> {inWords(reason)}</span>}
        </span>
      </div>
      {field_errors.length > 0 && (
        <ul className="plain stack-s">
          {field_errors.map(({ field, message }) => (
            <li key={field} className="warning">
              <code>{field}</code>
              <span>{message}</span>
            </li>
          ))}
        </ul>
      )}
      {duplicate_of !== null && (
        <p>
          It repeats{" "}
          <Link to="/leads" search={{ open: duplicate_of }}>
            <code>…{duplicate_of.slice(-8)}</code>
          </Link>
          .
        </p>
      )}
      {sales.length > 0 && (
        <table className="table">
          <thead>
            <tr>
              <th>Buyer</th>
              <th className="num">Price</th>
              <th className="num">Payout</th>
            </tr>
          </thead>
          <tbody>
            {sales.map(({ buyer_id, price, payout }) => (
              <tr key={buyer_id}>
                <td>{buyer_id}</td>
                <td className="num">
                  <Money value={price} currency={currency} />
                </td>
                <td className="num">
                  <Money value={payout} currency={currency} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <LeadTrace lead={result} />
      {warnings.length > 0 && (
        <ul className="plain stack-s">
          {warnings.map(({ code, message, buyers }) => (
            <li key={code} className="warning">
              <span>
                {message}
                {buyers.length > 0 && ` ${buyers.join(", ")}.`}
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
