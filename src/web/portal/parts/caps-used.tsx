import { Moment } from "#web/parts/moment.tsx";
import type { PortalShapes } from "#web/portal/api/client.ts";

const PERIODS: Readonly<Record<PortalShapes["OwnCapUse"]["period"], string>> = {
  hour: "an hour",
  day: "a day",
  week: "a week",
  month: "a month",
  total: "in all",
};

/** How much is used of each cap. */
export function CapsUsed({ uses }: { uses: readonly PortalShapes["OwnCapUse"][] }) {
  return (
    <ul className="plain meters">
      {uses.map(({ campaign_id: campaign, period, unit, used, limit, resets_at: resets }) => (
        <li key={`${campaign} ${period} ${unit}`}>
          <span>
            {unit === "leads" ? "Leads" : "Money"} {PERIODS[period]}
            <span className="dim">{campaign === null ? ", in all campaigns" : `, ${campaign}`}</span>
          </span>
          <span className="num">
            {String(used)} of {String(limit)}
          </span>
          <meter
            min={0}
            max={1}
            value={Math.min(1, Number(used) / Math.max(1e-9, Number(limit)))}
            aria-label={`Used of ${unit} ${PERIODS[period]}`}
          />
          {resets !== null && (
            <small className="dim">
              Begins anew <Moment at={resets} />
            </small>
          )}
        </li>
      ))}
    </ul>
  );
}
