import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, type Shapes, taken } from "#web/api/client.ts";
import { useMay } from "#web/api/session.ts";
import { CapsFields } from "#web/forms/caps-fields.tsx";
import { FormGuard } from "#web/forms/form-guard.tsx";
import type { Held } from "#web/forms/held.ts";
import { mergePatchOf, type Part, type Setting, valueAt, withValue } from "#web/forms/setting.ts";
import { SettingsFields } from "#web/forms/settings-fields.tsx";
import { Problem } from "#web/parts/problem.tsx";

const SETTINGS: readonly Setting[] = [
  { path: "name", label: "Name", kind: "text", otherwise: "its id" },
  {
    path: "timezone",
    label: "Time zone",
    about: "By which its caps begin anew",
    kind: "zone",
    otherwise: "UTC",
  },
];

interface Read {
  data: Shapes["Buyer"];
  tag: string;
}

/** The settings that are changed most, in force for the very next lead. All others are in the configuration. */
export function BuyerSettings({ read, form }: { read: Read; form: Omit<Held<Read>, "held"> }) {
  const mayAdmin = useMay("admin");
  const queries = useQueryClient();
  // How its endpoint stands is read anew all the time; what the form was made of is not.
  const [{ data: buyer, tag }] = useState(read);
  const before = buyer as unknown as Part;
  const [part, setPart] = useState(before);
  const [error, setError] = useState<unknown>();
  const [isSaving, setSaving] = useState(false);
  const patch = mergePatchOf(before, part);

  async function save(event: FormEvent) {
    event.preventDefault();
    setSaving(true);
    setError(undefined);
    try {
      const params = { path: { id: buyer.id }, header: { "if-match": tag } };
      await taken(api.PATCH("/api/v1/admin/buyers/{id}", { params, body: patch }));
      notifications.show({ message: "In force." });
      form.note(false);
      await queries.invalidateQueries();
    } catch (problem) {
      setError(problem);
    }
    setSaving(false);
  }

  return (
    <section>
      <h3>Usual settings</h3>
      <FormGuard isChanged={Object.keys(patch).length > 0} {...form} />
      <form className="stack" onSubmit={(event) => void save(event)}>
        <fieldset disabled={!mayAdmin} className="bare stack">
          <SettingsFields settings={SETTINGS} part={part} change={setPart} />
          <CapsFields
            caps={(valueAt(part, "caps") ?? {}) as Part}
            change={(caps) =>
              setPart(withValue(part, "caps", Object.keys(caps).length === 0 ? undefined : caps))
            }
          />
        </fieldset>
        {error !== undefined && <Problem error={error} />}
        {mayAdmin && (
          <div className="line">
            <Button type="submit" loading={isSaving} disabled={Object.keys(patch).length === 0}>
              Put in force
            </Button>
            {Object.keys(patch).length > 0 && (
              <Button variant="subtle" color="gray" onClick={() => setPart(before)}>
                Take back
              </Button>
            )}
          </div>
        )}
      </form>
    </section>
  );
}
