import { Select, TextInput } from "@mantine/core";
import { useState } from "react";
import { type Part, readTyped, type Setting, typedOf, valueAt, withValue } from "./setting.ts";

interface Fields {
  settings: readonly Setting[];
  part: Part;
  change(part: Part): void;
}

/** Some settings of a part, each in a field of its kind. */
export function SettingsFields({ settings, part, change }: Fields) {
  return (
    <div className="fields fields-top">
      {settings
        .filter(({ appliesTo }) => appliesTo === undefined || appliesTo(part))
        .map((setting) => (
          <SettingField
            key={setting.path}
            setting={setting}
            value={valueAt(part, setting.path)}
            set={(value) => change(withValue(part, setting.path, value))}
          />
        ))}
    </div>
  );
}

interface Field {
  setting: Setting;
  value: unknown;
  /** Undefined: nothing is said. */
  set(value: unknown): void;
}

const YES_OR_NO = [
  { value: "true", label: "yes" },
  { value: "false", label: "no" },
];

function SettingField({ setting, value, set }: Field) {
  const { label, about, kind, otherwise } = setting;
  if (kind === "text" || kind === "count" || kind === "amount" || kind === "percent" || kind === "states") {
    return <TypedField key={label} setting={setting} value={value} set={set} />;
  }
  const choices = kind === "zone" ? zones() : kind === "flag" ? YES_OR_NO : kind;
  return (
    <Select
      label={label}
      description={about}
      placeholder={otherwise}
      data={[...choices]}
      value={typedOf(value) || null}
      onChange={(picked) => set(picked === null ? undefined : readTyped(setting, picked))}
      clearable
      searchable={kind === "zone"}
      limit={60}
    />
  );
}

/** Keeps what is typed, which the value it is read as may not give back to the letter. */
function TypedField({ setting, value, set }: Field) {
  const { label, about, kind, otherwise } = setting;
  const [typed, setTyped] = useState({ text: typedOf(value), value });
  const text = Object.is(typed.value, value) ? typed.text : typedOf(value);
  return (
    <TextInput
      label={label}
      description={about}
      placeholder={otherwise}
      inputMode={
        kind === "count" ? "numeric" : kind === "amount" || kind === "percent" ? "decimal" : undefined
      }
      value={text}
      onChange={(event) => {
        const read = readTyped(setting, event.currentTarget.value);
        setTyped({ text: event.currentTarget.value, value: read });
        set(read);
      }}
      rightSection={kind === "percent" ? "%" : undefined}
    />
  );
}

function zones(): string[] {
  return ["UTC", ...Intl.supportedValuesOf("timeZone")];
}
