import { TextInput } from "@mantine/core";
import { useState } from "react";
import { type Part, typedOf } from "./setting.ts";

const DAYS = {
  mon: "Monday",
  tue: "Tuesday",
  wed: "Wednesday",
  thu: "Thursday",
  fri: "Friday",
  sat: "Saturday",
  sun: "Sunday",
} as const;

interface Schedule {
  /** Undefined: always open. */
  schedule: Part | undefined;
  change(schedule: Part | undefined): void;
}

/** When somebody takes leads, a line for each day. Nothing on any day is always open. */
export function ScheduleFields({ schedule, change }: Schedule) {
  const [last, setLast] = useState(() => ({ schedule, typed: typedDays(schedule) }));
  // Taken back, or changed as text meanwhile.
  const typed = last.schedule === schedule ? last.typed : typedDays(schedule);
  function type(day: string, text: string) {
    const after = { ...typed, [day]: text };
    const said = Object.entries(after).filter(([, spans]) => spans.trim() !== "");
    const open = Object.fromEntries(said.map(([name, spans]) => [name, spansOf(spans)]));
    const next = said.length === 0 ? undefined : open;
    setLast({ schedule: next, typed: after });
    change(next);
  }
  const isAlwaysOpen = schedule === undefined;
  return (
    <div className="fields fields-top">
      {Object.entries(DAYS).map(([day, label]) => (
        <TextInput
          key={day}
          label={label}
          placeholder={isAlwaysOpen ? "always open" : "closed"}
          value={typed[day] ?? ""}
          onChange={(event) => type(day, event.currentTarget.value)}
        />
      ))}
    </div>
  );
}

function typedDays(schedule: Part | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(schedule ?? {}).map(([day, spans]) => [day, typedOf(spans)]));
}

function spansOf(text: string): string[] {
  return text
    .split(/[\s,;]+/)
    .filter((span) => span !== "")
    .map((span) => span.replace("–", "-"));
}
