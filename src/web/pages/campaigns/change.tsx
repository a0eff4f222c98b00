import { Button, SegmentedControl } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from "react";
import { api, type Shapes, taken } from "#web/api/client.ts";
import { useMay } from "#web/api/session.ts";
import { useAsking } from "#web/forms/asking.ts";
import { FormGuard } from "#web/forms/form-guard.tsx";
import type { Held } from "#web/forms/held.ts";
import { mergePatchOf, type Part, typedOf } from "#web/forms/setting.ts";
import type { Plan } from "#web/pages/configuration/document-text.ts";
import { PlanView } from "#web/pages/configuration/plan-view.tsx";
import { TryOnPast } from "#web/pages/simulations/try-on-past.tsx";
import { Empty } from "#web/parts/empty.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { CampaignForm } from "./campaign-form.tsx";

const CampaignText = lazy(async () => ({ default: (await import("./campaign-text.tsx")).CampaignText }));

interface Read {
  data: Shapes["Campaign"];
  tag: string;
}

/** Changes a campaign by a form or as text, once one has seen what that changes. */
export function ChangeCampaign({ read, form }: { read: Read; form: Omit<Held<Read>, "held"> }) {
  const mayAdmin = useMay("admin");
  const [{ data: campaign, tag }] = useState(read);
  const before = campaign as unknown as Part;
  const [part, setPart] = useState(before);
  const { plan, error, isAsking, planIt, apply, inForce } = usePlan(before, part, tag, () =>
    form.note(false),
  );
  const isChanged = Object.keys(mergePatchOf(before, part)).length > 0;
  const isCurrent = plan?.of === part;
  const place = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a phone it is below a long form.
    if (plan !== undefined || error !== undefined) place.current?.scrollIntoView({ block: "nearest" });
  }, [plan, error]);
  return (
    <div className="board">
      <FormGuard isChanged={isChanged && inForce !== part} {...form} />
      <section className="panel">
        <Writing part={part} change={setPart} isReadOnly={!mayAdmin} onSubmit={planIt}>
          {isChanged && (
            <Button variant="subtle" color="gray" onClick={() => setPart(before)}>
              Take back
            </Button>
          )}
          {mayAdmin && (
            <Button
              variant={isCurrent ? "default" : "filled"}
              disabled={!isChanged}
              loading={isAsking}
              onClick={planIt}
            >
              Plan
            </Button>
          )}
        </Writing>
      </section>
      <section className="panel" aria-live="polite" ref={place}>
        <h2>Plan</h2>
        {error !== undefined && <Problem error={error} />}
        {plan === undefined && error === undefined && (
          <Empty title={isChanged ? "It is not planned yet." : "Nothing is changed yet."}>
            {!mayAdmin
              ? "Administrators change campaigns; you see how this one is set."
              : isChanged
                ? "Press Plan to see what it would change."
                : "Change a setting, then press Plan."}
          </Empty>
        )}
        {plan !== undefined && (
          <PlanView plan={plan} isCurrent={isCurrent} mayApply={mayAdmin} isApplying={isAsking} apply={apply}>
            <TryOnPast document={() => documentWith(part, campaign.id)} campaigns={[campaign.id]} />
          </PlanView>
        )}
      </section>
    </div>
  );
}

/** The plan of a change that was made to a campaign, and the way to put it in force. */
function usePlan(before: Part, part: Part, tag: string, done: () => void) {
  const queries = useQueryClient();
  const [plan, setPlan] = useState<Plan & { of: Part }>();
  const { ask, error, isAsking } = useAsking(() => setPlan(undefined));
  // Until what is in force was read again, the form is of what was before.
  const [inForce, setInForce] = useState<Part>();
  const id = typedOf(before["id"]);

  return {
    plan,
    error,
    isAsking,
    inForce,
    planIt: () => void ask(async () => setPlan({ ...(await planWith(part, id)), of: part })),
    apply: () =>
      void ask(async () => {
        const params = { path: { id }, header: { "if-match": tag } };
        const body = mergePatchOf(before, part);
        const { revision } = await taken(api.PATCH("/api/v1/admin/campaigns/{id}", { params, body }));
        setInForce(part);
        notifications.show({ message: `Revision ${revision} is in force.` });
        done();
        await queries.invalidateQueries();
      }),
  };
}

interface Written {
  part: Part;
  change(part: Part): void;
  isReadOnly: boolean;
  onSubmit(): void;
  /** What can be done with it. */
  children: ReactNode;
}

/** A campaign as a form or as text. */
function Writing({ part, change, isReadOnly, onSubmit, children }: Written) {
  const [isText, setText] = useState(false);
  return (
    <>
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
        <span className="line">{children}</span>
      </div>
      <fieldset
        className="bare above"
        disabled={isReadOnly}
        onKeyDown={(event) => {
          const isSubmit = event.key === "Enter" && (event.metaKey || event.ctrlKey);
          if (isSubmit && !event.defaultPrevented && !isReadOnly) onSubmit();
        }}
      >
        {isText ? (
          <Suspense fallback={<p className="dim">…</p>}>
            <CampaignText part={part} change={change} isReadOnly={isReadOnly} onSubmit={onSubmit} />
          </Suspense>
        ) : (
          <CampaignForm part={part} change={change} />
        )}
      </fieldset>
    </>
  );
}

/** The configuration in force, with another campaign in the place of one. */
async function documentWith(part: Part, id: string): Promise<Shapes["Configuration"]> {
  const document = await taken(api.GET("/api/v1/admin/config"));
  const campaigns = (document.campaigns ?? []).map((each) => (each.id === id ? part : each));
  return { ...document, campaigns };
}

async function planWith(part: Part, id: string): Promise<Plan> {
  const body = await documentWith(part, id);
  const { data } = await taken(api.POST("/api/v1/admin/config/plan", { body }));
  // What is worth a look elsewhere was so before.
  return { ...data, warnings: data.warnings.filter(({ path }) => path.startsWith(`campaigns[${id}]`)) };
}
