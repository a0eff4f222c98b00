import { TextInput } from "@mantine/core";
import { type Part, readTyped, typedOf, valueAt, withValue } from "./setting.ts";

const PERIODS = { hour: "Hour", day: "Day", week: "Week", month: "Month", total: "In all" } as const;
const UNITS = [
  { unit: "leads", said: "leads", kind: "count" },
  { unit: "amount", said: "money", kind: "amount" },
] as const;

interface Caps {
  caps: Part;
  change(caps: Part): void;
}

/** The most that somebody gets, by leads and by money, in each period. */
export function CapsFields({ caps, change }: Caps) {
  return (
    <table className="table caps">
      <thead>
        <tr>
          <th>Cap</th>
          <th>Leads</th>
          <th>Money</th>
        </tr>
      </thead>
      <tbody>
        {Object.entries(PERIODS).map(([period, label]) => (
          <tr key={period}>
            <td>{label}</td>
            {UNITS.map(({ unit, said, kind }) => (
              <td key={unit}>
                <TextInput
                  aria-label={`${label}, ${said}`}
                  placeholder="no cap"
                  inputMode={unit === "leads" ? "numeric" : "decimal"}
                  value={typedOf(valueAt(caps, `${period}.${unit}`))}
                  onChange={(event) =>
                    change(
                      withValue(caps, `${period}.${unit}`, readTyped({ kind }, event.currentTarget.value)),
                    )
                  }
                />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
