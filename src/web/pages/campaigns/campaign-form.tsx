import { type ReactNode, useEffect, useRef, useState } from "react";
import { useAddress } from "#web/address/here.ts";
import { Link } from "#web/address/link.tsx";
import { CapsFields } from "#web/forms/caps-fields.tsx";
import { ScheduleFields } from "#web/forms/schedule-fields.tsx";
import { type Part, typedOf, valueAt, withValue } from "#web/forms/setting.ts";
import { SettingsFields } from "#web/forms/settings-fields.tsx";
import { Status } from "#web/parts/status.tsx";
import { CAMPAIGN_SETTINGS, CONTRACT_SETTINGS, LINK_SETTINGS } from "./campaign-settings.ts";

interface Form {
  part: Part;
  change(part: Part): void;
}

/** The usual settings of a campaign, of its buyers and of its suppliers. */
export function CampaignForm({ part, change }: Form) {
  const contracts = (part["buyers"] ?? []) as readonly Part[];
  const links = (part["suppliers"] ?? []) as readonly Part[];
  const replace = (list: "buyers" | "suppliers", all: readonly Part[], place: number, one: Part) =>
    change({ ...part, [list]: all.map((each, index) => (index === place ? one : each)) });
  return (
    <div className="stack">
      {CAMPAIGN_SETTINGS.map(({ title, settings }) => (
        <section key={title}>
          <h3>{title}</h3>
          <SettingsFields settings={settings} part={part} change={change} />
        </section>
      ))}
      <section>
        <h3>Buyers</h3>
        <div className="stack-s">
          {contracts.map((contract, place) => (
            <Contract
              key={typedOf(contract["buyer"])}
              part={contract}
              distribution={typedOf(part["distribution"] ?? "priority")}
              change={(one) => replace("buyers", contracts, place, one)}
            />
          ))}
        </div>
      </section>
      <section>
        <h3>Suppliers</h3>
        <div className="stack-s">
          {links.map((link, place) => (
            <SupplierLink
              key={typedOf(link["supplier"])}
              part={link}
              change={(one) => replace("suppliers", links, place, one)}
            />
          ))}
        </div>
      </section>
      <p className="dim">
        Fields, filters, price rules, and who takes part: as YAML here, or in{" "}
        <Link to="/configuration">the whole configuration</Link>.
      </p>
    </div>
  );
}

function Contract({ part, change, distribution }: Form & { distribution: string }) {
  const settings = CONTRACT_SETTINGS.filter(
    ({ path }) =>
      (path !== "weight" || distribution === "weighted") &&
      (path !== "priority" || distribution === "priority"),
  );
  const { price = "0" } = part;
  const isMeant = useAddress().said["buyer"] === typedOf(part["buyer"]);
  const terms = [
    typedOf(price),
    "schedule" in part ? "by schedule" : undefined,
    "caps" in part ? "capped" : undefined,
  ];
  return (
    <Card of={typedOf(part["buyer"])} part={part} terms={terms} isMeant={isMeant}>
      <SettingsFields settings={settings} part={part} change={change} />
      <Caps part={part} change={change} />
      <div>
        <h4>Hours, by the buyer's clock</h4>
        <ScheduleFields
          schedule={valueAt(part, "schedule") as Part | undefined}
          change={(schedule) => change(withValue(part, "schedule", schedule))}
        />
      </div>
    </Card>
  );
}

function SupplierLink({ part, change }: Form) {
  return (
    <Card of={typedOf(part["supplier"])} part={part} terms={["caps" in part ? "capped" : undefined]}>
      <SettingsFields settings={LINK_SETTINGS} part={part} change={change} />
      <Caps part={part} change={change} />
    </Card>
  );
}

interface Card {
  of: string;
  part: Part;
  /** What is said of it while it is closed. */
  terms: readonly (string | undefined)[];
  /** Whether the address asks for this one. */
  isMeant?: boolean;
  children: ReactNode;
}

/** One that takes part. Its fields are made once it is opened: those of thirty buyers at once take seconds to draw. */
function Card({ of, part, terms, isMeant = false, children }: Card) {
  const [wasOpened, setWasOpened] = useState(isMeant);
  const head = useRef<HTMLElement>(null);
  useEffect(() => {
    if (isMeant) head.current?.focus();
  }, [isMeant]);
  return (
    <details className="card" open={isMeant} onToggle={() => setWasOpened(true)}>
      <summary className="card-head" ref={head}>
        <b>{of}</b>
        <Status word={typedOf(part["status"] ?? "active")} />
        <span className="dim">{terms.filter((term) => term !== undefined).join(", ")}</span>
      </summary>
      {wasOpened && <div className="card-body stack">{children}</div>}
    </details>
  );
}

function Caps({ part, change }: Form) {
  return (
    <CapsFields
      caps={(valueAt(part, "caps") ?? {}) as Part}
      change={(caps) => change(withValue(part, "caps", Object.keys(caps).length === 0 ? undefined : caps))}
    />
  );
}
