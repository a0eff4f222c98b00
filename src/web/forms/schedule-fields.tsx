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
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>(() =>
    Object.fromEntries(Object.entries(schedule ?? {}).map(([day, spans]) => [day, typedOf(spans)])),
  );
  function type(day: string, text: string) {
    const after = { ...typed, [day]: text };
    setTyped(after);
    const said = Object.entries(after).filter(([, spans]) => spans.trim() !== "");
    const open = Object.fromEntries(said.map(([name, spans]) => [name, spansOf(spans)]));
    change(said.length === 0 ? undefined : open);
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

function spansOf(text: string): string[] {
  return text
    .split(/[\s,;]+/)
    .filter((span) => span !== "")
    .map((span) => span.replace("–", "-"));
}
