import { Button, Select } from "@mantine/core";
import { useState } from "react";
import { Link } from "#web/address/link.tsx";
import { api, type Shapes, taken } from "#web/api/client.ts";
import { useMay } from "#web/api/session.ts";
import { useAsking } from "#web/forms/asking.ts";
import { Problem } from "#web/parts/problem.tsx";
import { SimulationView } from "./simulation-view.tsx";

const DAY_MS = 86_400_000;
const SPANS = [
  { value: "1", label: "of the last day" },
  { value: "7", label: "of the last 7 days" },
  { value: "30", label: "of the last 30 days" },
];

interface Trial {
  /** The configuration to try, as it is or as text. */
  document(): Promise<Shapes["Configuration"] | string>;
  /** Leads of these alone; undefined: of all. */
  campaigns?: readonly string[];
}

/** Decides past leads anew as a configuration says that is not in force, and shows what would have been otherwise. */
export function TryOnPast({ document, campaigns }: Trial) {
  const mayOperate = useMay("operate");
  const [days, setDays] = useState("7");
  const [id, setId] = useState<string>();
  const { ask, error, isAsking } = useAsking();

  const start = () =>
    ask(async () => {
      const since = new Date(Date.now() - Number(days) * DAY_MS).toISOString();
      const body = {
        document: await document(),
        since,
        campaigns: campaigns === undefined ? null : [...campaigns],
      };
      setId((await taken(api.POST("/api/v1/admin/simulations", { body }))).data.id);
    });

  if (!mayOperate) return null;
  return (
    <div className="stack-s">
      <h3>On leads that came</h3>
      <div className="line">
        <Select
          aria-label="On which leads"
          data={SPANS}
          value={days}
          onChange={(value) => setDays(value ?? days)}
          allowDeselect={false}
          w={170}
        />
        <Button variant="default" loading={isAsking} onClick={() => void start()}>
          Try it
        </Button>
      </div>
      {error !== undefined && <Problem error={error} />}
      {id !== undefined && (
        <>
          <SimulationView id={id} />
          <Link to="/simulations" search={{ open: id }}>
            Look at it alone
          </Link>
        </>
      )}
    </div>
  );
}
