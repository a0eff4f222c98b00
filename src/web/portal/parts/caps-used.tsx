import { CapMeter, capInWords } from "#web/caps/cap-meter.tsx";
import { capital } from "#web/parts/status.tsx";
import type { PortalShapes } from "#web/portal/api/client.ts";
import { Moment } from "#web/times/moment.tsx";

/** How much is used of each cap. */
export function CapsUsed({ uses }: { uses: readonly PortalShapes["OwnCapUse"][] }) {
  return (
    <ul className="plain meters">
      {uses.map((use) => (
        <li key={`${use.campaign_id} ${use.period} ${use.unit}`}>
          <span>
            {capital(capInWords(use))}
            <span className="dim">
              {use.campaign_id === null ? ", in all campaigns" : `, ${use.campaign_id}`}
            </span>
          </span>
          <CapMeter cap={use} />
          {use.resets_at !== null && (
            <small className="dim">
              Begins anew <Moment at={use.resets_at} />
            </small>
          )}
        </li>
      ))}
    </ul>
  );
}
