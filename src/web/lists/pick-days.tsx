import { Select, TextInput } from "@mantine/core";
import { useAddress } from "#web/address/here.ts";
import { type Days, daysOf, isPeriod, PERIODS, type Period } from "#web/times/days.ts";

const OWN = "own";

/** Picks the days that a page is about: a usual stretch, or a first and a last day. The address keeps them. */
export function PickDays({ otherwise }: { otherwise: Period }) {
  const { said, say } = useAddress();
  const { period, from, to } = said;
  const isOwn = !isPeriod(period) && from !== undefined && to !== undefined;
  const days: Days = daysOf(said, otherwise);
  const day = (name: "from" | "to", label: string) => (
    <TextInput
      type="date"
      aria-label={label}
      value={days[name]}
      onChange={(event) => say({ ...days, [name]: event.currentTarget.value || undefined }, true)}
      w={138}
    />
  );
  return (
    <>
      <Select
        aria-label="Days"
        data={[
          ...Object.entries(PERIODS).map(([value, { label }]) => ({ value, label })),
          { value: OWN, label: "From … to …" },
        ]}
        value={isOwn ? OWN : isPeriod(period) ? period : otherwise}
        onChange={(value) =>
          say(
            value === OWN
              ? { period: undefined, ...days }
              : { period: value ?? undefined, from: undefined, to: undefined },
          )
        }
        allowDeselect={false}
        w={138}
      />
      {isOwn && day("from", "First day")}
      {isOwn && day("to", "Last day")}
    </>
  );
}
