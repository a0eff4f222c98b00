import { Select, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Shapes, taken, takenWithTag } from "#web/api/client.ts";
import { typedOf } from "#web/forms/setting.ts";
import { AskFirst } from "#web/parts/ask.tsx";
import { Problem } from "#web/parts/problem.tsx";

type Mode = Shapes["Balance"]["billing"];

const MODES: readonly { value: Mode; label: string }[] = [
  { value: "manual", label: "By hand: sold to without a limit" },
  { value: "wallet", label: "Wallet: what it has paid in" },
  { value: "credit", label: "Credit: down to a limit" },
];

/** How a buyer pays, in force for the very next lead. */
export function Billing({ buyer, close }: { buyer: string; close(): void }) {
  const read = useQuery({
    queryKey: ["buyer", buyer],
    queryFn: () => takenWithTag(api.GET("/api/v1/admin/buyers/{id}", { params: { path: { id: buyer } } })),
  });
  if (read.error !== null) return <Problem error={read.error} />;
  if (read.data === undefined) return null;
  return <BillingForm key={read.data.tag} buyer={read.data.data} tag={read.data.tag} close={close} />;
}

function BillingForm({ buyer, tag, close }: { buyer: Shapes["Buyer"]; tag: string; close(): void }) {
  const queries = useQueryClient();
  const billing: { mode?: Mode; [name: string]: unknown } = buyer.billing ?? {};
  const text = (name: string) => typedOf(billing[name]);
  const [mode, setMode] = useState<Mode>(billing.mode ?? "manual");
  const [limit, setLimit] = useState(text("limit"));
  const [low, setLow] = useState(text("low_balance"));
  const [terms, setTerms] = useState(text("terms_days"));
  const [overdue, setOverdue] = useState(text("when_overdue") || "keep");

  async function act() {
    const patch = {
      billing: {
        mode,
        limit: mode === "credit" ? limit.trim() : null,
        low_balance: low.trim() === "" ? null : low.trim(),
        terms_days: terms.trim() === "" ? null : Number(terms),
        when_overdue: overdue === "keep" ? null : overdue,
      },
    };
    const params = { path: { id: buyer.id }, header: { "if-match": tag } };
    await taken(api.PATCH("/api/v1/admin/buyers/{id}", { params, body: patch }));
    await queries.invalidateQueries();
  }

  return (
    <AskFirst
      title="How it is billed"
      verb="Put in force"
      isReady={mode !== "credit" || limit.trim() !== ""}
      act={act}
      close={close}
      body={
        <div className="stack">
          <Select
            label="It pays"
            data={MODES}
            value={mode}
            onChange={(value) => setMode(value ?? mode)}
            allowDeselect={false}
          />
          {mode === "credit" && (
            <TextInput
              label="Credit"
              description="How far below zero its balance may go"
              placeholder="25000.00"
              inputMode="decimal"
              value={limit}
              onChange={(event) => setLimit(event.currentTarget.value)}
            />
          )}
          <div className="fields">
            <TextInput
              label="Low below"
              description="You are told then"
              placeholder="not told"
              inputMode="decimal"
              value={low}
              onChange={(event) => setLow(event.currentTarget.value)}
            />
            <TextInput
              label="Days to pay an invoice"
              description="Otherwise 14"
              placeholder="14"
              inputMode="numeric"
              value={terms}
              onChange={(event) => setTerms(event.currentTarget.value)}
            />
          </div>
          <Select
            label="When an invoice is overdue"
            data={[
              { value: "keep", label: "Go on selling to it" },
              { value: "pause", label: "Sell it nothing until it is paid" },
            ]}
            value={overdue}
            onChange={(value) => setOverdue(value ?? "keep")}
            allowDeselect={false}
          />
        </div>
      }
    />
  );
}
