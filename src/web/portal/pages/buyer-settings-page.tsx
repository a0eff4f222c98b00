import { Button, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { taken } from "#web/api/client.ts";
import { PageHead } from "#web/parts/page-head.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { Status } from "#web/parts/status.tsx";
import { api, type PortalShapes } from "#web/portal/api/client.ts";
import { CAP_PERIODS, capsOf, typedCapsOf } from "#web/portal/parts/typed-caps.ts";
import { useOwnBuyer } from "./buyer-queries.ts";

type Buyer = PortalShapes["OwnBuyer"];

/** What a buyer may change of itself. */
export function BuyerSettingsPage() {
  const own = useOwnBuyer();
  return (
    <>
      <PageHead title="Settings" />
      {own.error !== null && <Problem error={own.error} retry={() => void own.refetch()} />}
      {own.data !== undefined && (
        <div className="stack">
          <Pause buyer={own.data} />
          <Caps key={JSON.stringify(own.data.caps)} buyer={own.data} />
        </div>
      )}
    </>
  );
}

/** Makes a change, and keeps what went wrong with it. */
function useChange() {
  const queries = useQueryClient();
  const [problem, setProblem] = useState<unknown>();
  const [isChanging, setChanging] = useState(false);
  const change = async (make: () => Promise<{ data: Buyer }>) => {
    setChanging(true);
    setProblem(undefined);
    try {
      const { data } = await make();
      queries.setQueryData(["buyer", "self"], data);
      await queries.invalidateQueries({ queryKey: ["buyer", "usage"] });
    } catch (error) {
      setProblem(error);
    }
    setChanging(false);
  };
  return { change, problem, isChanging };
}

function Pause({ buyer: { status, self_service: may } }: { buyer: Buyer }) {
  const { change, problem, isChanging } = useChange();
  const isPaused = status === "paused";
  return (
    <section className="panel">
      <div className="panel-head">
        <h2>
          Getting leads <Status word={status} />
        </h2>
        {may.pause && (
          <Button
            variant={isPaused ? "filled" : "default"}
            loading={isChanging}
            onClick={() =>
              void change(() => taken(api.POST(isPaused ? "/api/v1/buyer/resume" : "/api/v1/buyer/pause")))
            }
          >
            {isPaused ? "Get leads again" : "Pause"}
          </Button>
        )}
      </div>
      <p className="dim">
        {isPaused
          ? "No lead is sold to you. What you bought is still delivered."
          : "Leads are sold to you. A pause holds from the very next one on."}
        {!may.pause && " Ask the operator to change that."}
      </p>
      {problem !== undefined && <Problem error={problem} />}
    </section>
  );
}

const NAMES = { hour: "An hour", day: "A day", week: "A week", month: "A month", total: "In all" } as const;

function Caps({ buyer }: { buyer: Buyer }) {
  const { change, problem, isChanging } = useChange();
  const [typed, setTyped] = useState(() => typedCapsOf(buyer.caps));
  const may = buyer.self_service.caps;
  const isChanged = JSON.stringify(typed) !== JSON.stringify(typedCapsOf(buyer.caps));
  const field = (period: (typeof CAP_PERIODS)[number], unit: "leads" | "amount") => (
    <TextInput
      size="xs"
      aria-label={`${unit === "leads" ? "Leads" : "Money"}, ${NAMES[period].toLowerCase()}`}
      value={typed[period][unit]}
      inputMode={unit === "leads" ? "numeric" : "decimal"}
      placeholder="no cap"
      disabled={!may}
      onChange={(event) =>
        setTyped({ ...typed, [period]: { ...typed[period], [unit]: event.currentTarget.value } })
      }
    />
  );
  return (
    <section className="panel">
      <h2>Caps</h2>
      <div className="stack-s">
        <p className="dim">
          The most that is sold to you over all campaigns.{!may && " Ask the operator to change them."}
        </p>
        <div className="cap-fields">
          <span />
          <b>Leads</b>
          <b>Money</b>
          {CAP_PERIODS.map((period) => (
            <div key={period} style={{ display: "contents" }}>
              <span>{NAMES[period]}</span>
              {field(period, "leads")}
              {field(period, "amount")}
            </div>
          ))}
        </div>
        {problem !== undefined && <Problem error={problem} />}
        {may && (
          <div className="line">
            <Button
              disabled={!isChanged}
              loading={isChanging}
              onClick={() => void change(() => taken(api.PUT("/api/v1/buyer/caps", { body: capsOf(typed) })))}
            >
              Save
            </Button>
            {isChanged && (
              <Button variant="default" onClick={() => setTyped(typedCapsOf(buyer.caps))}>
                Undo
              </Button>
            )}
          </div>
        )}
      </div>
    </section>
  );
}
