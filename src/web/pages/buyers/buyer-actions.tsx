import { NumberInput, Select } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Shapes, taken } from "#web/api/client.ts";
import { useConfiguration } from "#web/api/configuration.ts";
import { AskFirst } from "#web/parts/ask.tsx";
import { Empty } from "#web/parts/empty.tsx";
import { countText } from "#web/parts/money.tsx";
import { PageLink } from "#web/parts/page-link.tsx";
import { MadeOnce, ShownOnce } from "#web/parts/shown-once.tsx";

interface OfBuyer {
  buyer: string;
  close(): void;
}

/** Pauses a buyer in all its campaigns, or sells to it again. */
export function PauseBuyer({ buyer, close }: { buyer: Shapes["Buyer"]; close(): void }) {
  const queries = useQueryClient();
  const isPaused = buyer.status === "paused";
  async function act() {
    const params = { path: { id: buyer.id } };
    const body = { status: isPaused ? "active" : "paused" };
    await taken(api.PATCH("/api/v1/admin/buyers/{id}", { params, body }));
    await Promise.all([
      queries.invalidateQueries({ queryKey: ["buyer", buyer.id] }),
      queries.invalidateQueries({ queryKey: ["configuration"] }),
    ]);
  }
  return (
    <AskFirst
      title={isPaused ? "Sell to this buyer again" : "Pause this buyer"}
      verb={isPaused ? "Resume" : "Pause"}
      danger={!isPaused}
      act={act}
      close={close}
      body={
        isPaused
          ? "It takes part in all its campaigns from the very next lead."
          : "From the very next lead it is passed over in all its campaigns. What it has bought is still delivered."
      }
    />
  );
}

const HOUR_MS = 3_600_000;
const SPANS = [
  { value: "1", label: "Last hour" },
  { value: "24", label: "Last 24 hours" },
  { value: "168", label: "Last 7 days" },
  { value: "720", label: "Last 30 days" },
];

/** Sends again what was written in a stretch of time and did not arrive. */
export function Recover({ buyer, close }: OfBuyer) {
  const queries = useQueryClient();
  const [hours, setHours] = useState("24");
  async function act() {
    const since = new Date(Date.now() - Number(hours) * HOUR_MS).toISOString();
    const params = { path: { id: buyer } };
    const { data } = await taken(api.POST("/api/v1/admin/buyers/{id}/recover", { params, body: { since } }));
    const rest = data.complete ? "" : " There may be more: press again.";
    notifications.show({ message: `${countText(data.recovered)} deliveries are due now.${rest}` });
    await queries.invalidateQueries();
  }
  return (
    <AskFirst
      title="Send again what did not arrive"
      verb="Send again"
      act={act}
      close={close}
      body={
        <Select
          label="Written in the"
          data={SPANS}
          value={hours}
          onChange={(value) => setHours(value ?? "24")}
          allowDeselect={false}
        />
      }
    />
  );
}

/** Makes a signing secret, beside which the one before signs for a while. */
export function RotateSecret({ buyer, close }: OfBuyer) {
  const [hours, setHours] = useState<number | string>(24);
  const [secret, setSecret] = useState<string>();
  async function act() {
    const params = { path: { id: buyer } };
    const body = { overlap_seconds: Math.round(Number(hours) * 3600) };
    setSecret((await taken(api.POST("/api/v1/admin/buyers/{id}/secret", { params, body }))).secret);
  }
  if (secret !== undefined) {
    return (
      <MadeOnce title="The new signing secret" close={close}>
        <ShownOnce name="The secret" secret={secret} />
      </MadeOnce>
    );
  }
  return (
    <AskFirst
      title="Make a signing secret"
      verb="Make it"
      act={act}
      staysOpen
      close={close}
      body={
        <div className="stack">
          <p>
            By it the buyer knows that a delivery is ours. One that it has already signs beside it for a
            while.
          </p>
          <NumberInput label="Hours to change over" min={0} max={168} value={hours} onChange={setHours} />
        </div>
      }
    />
  );
}

/** Makes a link that opens the buyer's page without a key. */
export function BuyerLink({ buyer, close }: OfBuyer) {
  const { data } = useConfiguration();
  const campaigns = (data?.campaigns ?? [])
    .filter((campaign) => campaign.buyers?.some((contract) => contract.buyer === buyer))
    .map(({ id }) => id);
  return (
    <PageLink
      title="A link to the buyer's page"
      about="It shows what this buyer receives and how that is verified, and sends it a test. It works for a week."
      reader={{ buyer }}
      campaigns={campaigns}
      none={<Empty title="It has no contract yet.">The page shows what it receives of a campaign.</Empty>}
      close={close}
    />
  );
}
