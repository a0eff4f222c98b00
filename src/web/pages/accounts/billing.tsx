import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Shapes, taken, takenWithTag } from "#web/api/client.ts";
import { mergePatchOf, type Part, type Setting, valueAt } from "#web/forms/setting.ts";
import { SettingsFields } from "#web/forms/settings-fields.tsx";
import { AskFirst } from "#web/parts/ask.tsx";
import { Problem } from "#web/parts/problem.tsx";

const SETTINGS: readonly Setting[] = [
  {
    path: "billing.mode",
    label: "It pays",
    about: "Whether its balance is watched",
    kind: [
      { value: "manual", label: "by hand, without a limit" },
      { value: "wallet", label: "from what it has paid in" },
      { value: "credit", label: "on credit, down to a limit" },
    ],
    otherwise: "by hand, without a limit",
  },
  {
    path: "billing.limit",
    label: "Credit",
    about: "How far below zero its balance may go",
    kind: "amount",
    otherwise: "25000.00",
    appliesTo: (part) => valueAt(part, "billing.mode") === "credit",
  },
  {
    path: "billing.low_balance",
    label: "Low below",
    about: "You are told then",
    kind: "amount",
    otherwise: "not told",
  },
  {
    path: "billing.terms_days",
    label: "Days to pay an invoice",
    about: "From the day it is issued",
    kind: "count",
    otherwise: "14",
  },
  {
    path: "billing.when_overdue",
    label: "When one is overdue",
    about: "Until it is paid",
    kind: [
      { value: "keep", label: "go on selling to it" },
      { value: "pause", label: "sell it nothing" },
    ],
    otherwise: "go on selling to it",
  },
];

/** How a buyer pays, in force for the very next lead. */
export function Billing({ buyer, close }: { buyer: string; close(): void }) {
  const read = useQuery({
    queryKey: ["buyer", buyer],
    queryFn: () => takenWithTag(api.GET("/api/v1/admin/buyers/{id}", { params: { path: { id: buyer } } })),
  });
  if (read.error !== null) return <Problem error={read.error} />;
  if (read.data === undefined) return null;
  const { data, tag } = read.data;
  return <BillingForm key={tag} buyer={data} tag={tag} close={close} />;
}

function BillingForm({ buyer, tag, close }: { buyer: Shapes["Buyer"]; tag: string; close(): void }) {
  const queries = useQueryClient();
  const before = buyer as unknown as Part;
  const [part, setPart] = useState(before);
  const patch = withMode(mergePatchOf(before, part), part);
  async function act() {
    const params = { path: { id: buyer.id }, header: { "if-match": tag } };
    await taken(api.PATCH("/api/v1/admin/buyers/{id}", { params, body: patch }));
    await queries.invalidateQueries();
  }
  return (
    <AskFirst
      title="How it is billed"
      verb="Put in force"
      isReady={Object.keys(patch).length > 0}
      isWide
      act={act}
      close={close}
      body={<SettingsFields settings={SETTINGS} part={part} change={setPart} />}
    />
  );
}

/** Where billing says anything it says its mode; a limit is for credit alone. */
function withMode(patch: Part, part: Part): Part {
  const { billing } = patch;
  if (typeof billing !== "object" || billing === null) return patch;
  const mode = valueAt(part, "billing.mode") ?? "manual";
  return { ...patch, billing: { ...billing, mode, ...(mode === "credit" ? {} : { limit: null }) } };
}
