import { Button, SegmentedControl } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { api, type Shapes, taken } from "#web/api/client.ts";
import { useMay } from "#web/api/session.ts";
import { mergePatchOf, type Part } from "#web/forms/setting.ts";
import type { Plan } from "#web/pages/configuration/document-text.ts";
import { PlanView } from "#web/pages/configuration/plan-view.tsx";
import { Empty } from "#web/parts/empty.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { CampaignForm } from "./campaign-form.tsx";

const CampaignText = lazy(async () => ({ default: (await import("./campaign-text.tsx")).CampaignText }));

type Campaign = Shapes["Campaign"];

/** Changes a campaign by a form or as text, once one has seen what that changes. */
export function ChangeCampaign({ campaign, revision }: { campaign: Campaign; revision: number }) {
  const queries = useQueryClient();
  const mayAdmin = useMay("admin");
  const before = campaign as unknown as Part;
  const [part, setPart] = useState(before);
  const [isText, setText] = useState(false);
  const [plan, setPlan] = useState<Plan & { of: Part }>();
  const [error, setError] = useState<unknown>();
  const [isAsking, setAsking] = useState(false);
  const isChanged = Object.keys(mergePatchOf(before, part)).length > 0;

  async function ask(work: () => Promise<void>) {
    setAsking(true);
    setError(undefined);
    try {
      await work();
    } catch (problem) {
      setError(problem);
      setPlan(undefined);
    }
    setAsking(false);
  }
  const planIt = () => ask(async () => setPlan({ ...(await planWith(part, campaign.id)), of: part }));
  const apply = () =>
    ask(async () => {
      const params = { path: { id: campaign.id }, header: { "if-match": `"${revision}"` } };
      const body = mergePatchOf(before, part);
      const done = await taken(api.PATCH("/api/v1/admin/campaigns/{id}", { params, body }));
      notifications.show({ message: `Revision ${done.revision} is in force.` });
      await queries.invalidateQueries();
    });

  return (
    <div className="board">
      <section className="panel">
        <div className="line spread">
          <SegmentedControl
            aria-label="Written as"
            data={[
              { value: "form", label: "Form" },
              { value: "yaml", label: "YAML" },
            ]}
            value={isText ? "yaml" : "form"}
            onChange={(value) => setText(value === "yaml")}
          />
          <span className="line">
            {isChanged && (
              <Button variant="subtle" color="gray" onClick={() => setPart(before)}>
                Take back
              </Button>
            )}
            <Button
              variant={plan?.of === part ? "default" : "filled"}
              disabled={!isChanged}
              loading={isAsking}
              onClick={() => void planIt()}
            >
              Plan
            </Button>
          </span>
        </div>
        <fieldset className="bare above" disabled={!mayAdmin}>
          {isText ? (
            <Suspense fallback={<p className="dim">…</p>}>
              <CampaignText
                part={part}
                change={setPart}
                isReadOnly={!mayAdmin}
                onSubmit={() => void planIt()}
              />
            </Suspense>
          ) : (
            <CampaignForm part={part} change={setPart} />
          )}
        </fieldset>
      </section>
      <section className="panel" aria-live="polite">
        <h2>Plan</h2>
        {error !== undefined && <Problem error={error} />}
        {plan === undefined && error === undefined && (
          <Empty title={isChanged ? "It is not planned yet." : "Nothing is changed yet."}>
            {isChanged ? "Press Plan to see what it would change." : "Change a setting, then press Plan."}
          </Empty>
        )}
        {plan !== undefined && (
          <PlanView
            plan={plan}
            isCurrent={plan.of === part}
            mayApply={mayAdmin}
            isApplying={isAsking}
            apply={() => void apply()}
          />
        )}
      </section>
    </div>
  );
}

/** What the configuration in force would be with another campaign in the place of one. */
async function planWith(part: Part, id: string): Promise<Plan> {
  const document = await taken(api.GET("/api/v1/admin/config"));
  const campaigns = (document.campaigns ?? []).map((each) => (each.id === id ? part : each));
  const body = { ...document, campaigns } as Shapes["Configuration"];
  const { data } = await taken(api.POST("/api/v1/admin/config/plan", { body }));
  // What is worth a look elsewhere was so before.
  return { ...data, warnings: data.warnings.filter(({ path }) => path.startsWith(`campaigns[${id}]`)) };
}
