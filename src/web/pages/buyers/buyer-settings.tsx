import { Button, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, type Shapes, taken } from "#web/api/client.ts";
import { useMay } from "#web/api/session.ts";
import { Problem } from "#web/parts/problem.tsx";

type Buyer = Shapes["Buyer"];

const PERIODS = ["hour", "day", "week", "month", "total"] as const;
const LABELS = { hour: "Hour", day: "Day", week: "Week", month: "Month", total: "In all" };

/** The settings that are changed most, in force for the very next lead. All others are in the configuration. */
export function BuyerSettings({ buyer, revision }: { buyer: Buyer; revision: number }) {
  const mayAdmin = useMay("admin");
  const queries = useQueryClient();
  const [form, setForm] = useState(() => formOf(buyer));
  const [error, setError] = useState<unknown>();
  const [isSaving, setSaving] = useState(false);
  const patch = changesOf(buyer, form);
  const set = (name: string) => (event: { currentTarget: { value: string } }) => {
    const { value } = event.currentTarget;
    setForm((before) => ({ ...before, [name]: value }));
  };

  async function save(event: FormEvent) {
    event.preventDefault();
    setSaving(true);
    setError(undefined);
    try {
      const params = { path: { id: buyer.id }, header: { "if-match": `"${revision}"` } };
      await taken(api.PATCH("/api/v1/admin/buyers/{id}", { params, body: patch }));
      notifications.show({ message: "In force." });
      await queries.invalidateQueries();
    } catch (problem) {
      setError(problem);
    }
    setSaving(false);
  }

  return (
    <section>
      <h3>Usual settings</h3>
      <form className="stack" onSubmit={(event) => void save(event)}>
        <fieldset disabled={!mayAdmin} className="fields">
          <TextInput label="Name" value={form["name"]} onChange={set("name")} />
          <TextInput
            label="Time zone"
            description="By which its caps begin anew"
            placeholder="UTC"
            value={form["timezone"]}
            onChange={set("timezone")}
          />
        </fieldset>
        <table className="table caps">
          <thead>
            <tr>
              <th>Cap</th>
              <th>Leads</th>
              <th>Money</th>
            </tr>
          </thead>
          <tbody>
            {PERIODS.map((period) => (
              <tr key={period}>
                <td>{LABELS[period]}</td>
                {(["leads", "amount"] as const).map((unit) => (
                  <td key={unit}>
                    <TextInput
                      aria-label={`${LABELS[period]}, ${unit === "leads" ? "leads" : "money"}`}
                      placeholder="no cap"
                      inputMode={unit === "leads" ? "numeric" : "decimal"}
                      disabled={!mayAdmin}
                      value={form[`${period} ${unit}`]}
                      onChange={set(`${period} ${unit}`)}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        {error !== undefined && <Problem error={error} />}
        {mayAdmin && (
          <div className="line">
            <Button type="submit" loading={isSaving} disabled={Object.keys(patch).length === 0}>
              Put in force
            </Button>
            {Object.keys(patch).length > 0 && (
              <Button variant="subtle" color="gray" onClick={() => setForm(formOf(buyer))}>
                Take back
              </Button>
            )}
          </div>
        )}
      </form>
    </section>
  );
}

type Form = Record<string, string>;

function formOf({ name = "", timezone = "", caps = {} }: Buyer): Form {
  const form: Form = { name, timezone };
  for (const period of PERIODS) {
    form[`${period} leads`] = caps[period]?.leads?.toString() ?? "";
    form[`${period} amount`] = caps[period]?.amount ?? "";
  }
  return form;
}

/** What is different, as a merge patch (RFC 7396): null takes a setting away. */
function changesOf(buyer: Buyer, form: Form): Record<string, unknown> {
  const before = formOf(buyer);
  const patch: Record<string, unknown> = {};
  for (const name of ["name", "timezone"]) {
    if (form[name] !== before[name]) patch[name] = form[name]?.trim() === "" ? null : form[name]?.trim();
  }
  const caps: Record<string, unknown> = {};
  for (const period of PERIODS) {
    const [leads, amount] = [form[`${period} leads`]?.trim() ?? "", form[`${period} amount`]?.trim() ?? ""];
    if (leads === before[`${period} leads`] && amount === before[`${period} amount`]) continue;
    caps[period] =
      leads === "" && amount === ""
        ? null
        : {
            leads: leads === "" ? null : /^\d+$/.test(leads) ? Number(leads) : leads,
            amount: amount === "" ? null : amount,
          };
  }
  if (Object.keys(caps).length > 0) patch["caps"] = caps;
  return patch;
}
