import { NumberInput, Select } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Shapes, taken } from "#web/api/client.ts";
import { useConfiguration } from "#web/api/configuration.ts";
import { idsOf, MOST_COUNTED } from "#web/pages/deliveries/delivery-ids.ts";
import { AskFirst } from "#web/parts/ask.tsx";
import { Empty } from "#web/parts/empty.tsx";
import { countText } from "#web/parts/money.tsx";
import { PageLink } from "#web/parts/page-link.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { MadeOnce, ShownOnce } from "#web/parts/shown-once.tsx";
import { beginOf, SPAN_CHOICES } from "#web/times/spans.ts";

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

/** Sends again what was written in a stretch of time and did not arrive, once it has said how many that are. */
export function Recover({ buyer, close }: OfBuyer) {
  const queries = useQueryClient();
  const [span, setSpan] = useState("24h");
  const since = beginOf(span) ?? "";
  const found = useUnsent(buyer, since);
  async function act() {
    const params = { path: { id: buyer } };
    const { data } = await taken(api.POST("/api/v1/admin/buyers/{id}/recover", { params, body: { since } }));
    const rest = data.complete ? "" : " There may be more: press again.";
    notifications.show({ message: `${countText(data.recovered)} deliveries are due now.${rest}` });
    await queries.invalidateQueries();
  }
  return (
    <AskFirst
      title="Send again what did not arrive"
      verb={found.data === undefined || found.data === 0 ? "Send again" : `Send ${countText(found.data)}`}
      isReady={found.data !== 0}
      act={act}
      close={close}
      body={
        <div className="stack">
          <Select
            label="Written in the"
            data={SPAN_CHOICES}
            value={span}
            onChange={(value) => setSpan(value ?? span)}
            allowDeselect={false}
          />
          {found.error !== null && <Problem error={found.error} />}
          <p role="status">{found.data === undefined ? "Counting…" : unsentInWords(found.data)}</p>
        </div>
      }
    />
  );
}

/** How many deliveries to a buyer failed or still wait, as far as they are counted. */
function useUnsent(buyer: string, since: string) {
  return useQuery({
    queryKey: ["unsent", buyer, since],
    staleTime: 0,
    async queryFn({ signal }) {
      const states = ["dead", "pending"] as const;
      const found = await Promise.all(states.map((state) => idsOf({ buyer, since, state }, signal)));
      return found.flat().length;
    },
  });
}

function unsentInWords(count: number): string {
  if (count === 0) return "Everything of this time has arrived, or was rejected by the buyer.";
  const more = count >= MOST_COUNTED ? " or more" : "";
  return `${countText(count)}${more} did not arrive: they failed for good, or wait for the next try.`;
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
