import { Link } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { CapsFields } from "#web/forms/caps-fields.tsx";
import { ScheduleFields } from "#web/forms/schedule-fields.tsx";
import { type Part, typedOf, valueAt, withValue } from "#web/forms/setting.ts";
import { SettingsFields } from "#web/forms/settings-fields.tsx";
import { useAddress } from "#web/parts/search.ts";
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
  const head = useRef<HTMLElement>(null);
  useEffect(() => {
    if (isMeant) head.current?.focus();
  }, [isMeant]);
  return (
    <details className="card" open={isMeant}>
      <summary className="card-head" ref={head}>
        <b>{typedOf(part["buyer"])}</b>
        <Status word={typedOf(part["status"] ?? "active")} />
        <span className="dim">
          {typedOf(price)}
          {"schedule" in part ? ", by schedule" : ""}
          {"caps" in part ? ", capped" : ""}
        </span>
      </summary>
      <div className="card-body stack">
        <SettingsFields settings={settings} part={part} change={change} />
        <Caps part={part} change={change} />
        <div>
          <h4>Hours, by the buyer's clock</h4>
          <ScheduleFields
            schedule={valueAt(part, "schedule") as Part | undefined}
            change={(schedule) => change(withValue(part, "schedule", schedule))}
          />
        </div>
      </div>
    </details>
  );
}

function SupplierLink({ part, change }: Form) {
  return (
    <details className="card">
      <summary className="card-head">
        <b>{typedOf(part["supplier"])}</b>
        <Status word={typedOf(part["status"] ?? "active")} />
        <span className="dim">{"caps" in part ? "capped" : ""}</span>
      </summary>
      <div className="card-body stack">
        <SettingsFields settings={LINK_SETTINGS} part={part} change={change} />
        <Caps part={part} change={change} />
      </div>
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
