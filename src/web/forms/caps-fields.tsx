import { TextInput } from "@mantine/core";
import { type Part, typedOf, valueAt, withValue } from "./setting.ts";

const PERIODS = { hour: "Hour", day: "Day", week: "Week", month: "Month", total: "In all" } as const;
const UNITS = { leads: "leads", amount: "money" } as const;

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
            {Object.entries(UNITS).map(([unit, said]) => (
              <td key={unit}>
                <TextInput
                  aria-label={`${label}, ${said}`}
                  placeholder="no cap"
                  inputMode={unit === "leads" ? "numeric" : "decimal"}
                  value={typedOf(valueAt(caps, `${period}.${unit}`))}
                  onChange={(event) =>
                    change(withValue(caps, `${period}.${unit}`, capOf(unit, event.currentTarget.value)))
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

/** What cannot be read stays as it was typed: the server says what is wrong with it. */
function capOf(unit: string, typed: string): unknown {
  const text = typed.trim();
  if (text === "") return undefined;
  return unit === "leads" && /^\d+$/.test(text) ? Number(text) : text;
}
