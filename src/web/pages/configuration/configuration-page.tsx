import { Button, SegmentedControl } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ComponentProps, useMemo, useState } from "react";
import { useAddress } from "#web/address/here.ts";
import { useMay } from "#web/api/session.ts";
import { useAsking } from "#web/forms/asking.ts";
import { FormGuard } from "#web/forms/form-guard.tsx";
import { useHeld } from "#web/forms/held.ts";
import { TryOnPast } from "#web/pages/simulations/try-on-past.tsx";
import { Empty } from "#web/parts/empty.tsx";
import { PageHead } from "#web/parts/page-head.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { ShownOnce } from "#web/parts/shown-once.tsx";
import { type Applied, type Plan, planText, putInForce, readText, type WrittenAs } from "./document-text.ts";
import { Editor } from "./editor.tsx";
import { PlanView } from "./plan-view.tsx";

/** The whole configuration as text: written, planned, and put in force once one has seen what it changes. */
export function ConfigurationPage() {
  const { said, say } = useAddress();
  const form: WrittenAs = said["as"] === "json" ? "json" : "yaml";
  const document = useQuery({
    queryKey: ["configuration text", form],
    staleTime: 60_000,
    refetchOnWindowFocus: false,
    queryFn: () => readText(form),
  });
  return (
    <section>
      <PageHead
        title="Configuration"
        about="One document. Nothing changes before you have seen the plan and put it in force."
      >
        <SegmentedControl
          aria-label="Written as"
          data={[
            { value: "yaml", label: "YAML" },
            { value: "json", label: "JSON" },
          ]}
          value={form}
          onChange={(value) => say({ as: value })}
        />
      </PageHead>
      {document.error !== null && <Problem error={document.error} retry={() => void document.refetch()} />}
      {document.data !== undefined && <WritingOn key={form} as={form} read={document.data} />}
    </section>
  );
}

interface Read {
  text: string;
  revision: string;
}

function WritingOn({ as, read }: { as: WrittenAs; read: Read }) {
  const { held, ...guard } = useHeld(useMemo(() => ({ ...read, tag: read.revision }), [read]));
  return <Writing key={held.revision} form={as} read={held} guard={guard} />;
}

interface Written {
  form: WrittenAs;
  read: Read;
  guard: Omit<ComponentProps<typeof FormGuard>, "isChanged">;
}

function Writing({ form, read, guard }: Written) {
  const queries = useQueryClient();
  const mayAdmin = useMay("admin");
  const [text, setText] = useState(read.text);
  const [plan, setPlan] = useState<Plan & { of: string }>();
  const [applied, setApplied] = useState<Applied>();
  const { ask, error, isAsking } = useAsking(() => setPlan(undefined));
  const isChanged = text !== read.text;
  const isPlanned = plan?.of === text;
  const show = () => {
    guard.note(false);
    return queries.invalidateQueries();
  };

  const planIt = () =>
    ask(async () => {
      setApplied(undefined);
      setPlan({ ...(await planText(text, form)), of: text });
    });
  const apply = () =>
    ask(async () => {
      const done = await putInForce(text, form, read.revision);
      notifications.show({ message: `Revision ${done.revision} is in force.` });
      setApplied(done);
      setPlan(undefined);
      // Where keys are shown this once, the page stays as it is until they were taken.
      if (done.created_keys.length === 0) await show();
    });

  return (
    <div className="board">
      <FormGuard isChanged={isChanged} {...guard} />
      <section className="panel editor-panel">
        <Editor text={text} onChange={setText} isReadOnly={!mayAdmin} onSubmit={() => void planIt()} />
        <Controls
          revision={read.revision}
          takeBack={isChanged ? () => setText(read.text) : undefined}
          planIt={mayAdmin ? () => void planIt() : undefined}
          isPlanned={isPlanned}
          isAsking={isAsking}
        />
      </section>
      <section className="panel" aria-live="polite">
        <h2>{applied === undefined ? "Plan" : "In force"}</h2>
        {error !== undefined && <Problem error={error} />}
        {applied !== undefined && <FirstKeys of={applied} taken={() => void show()} />}
        {plan === undefined && applied === undefined && error === undefined && (
          <Empty title="Nothing is planned yet.">
            {mayAdmin
              ? "Change the document, then press Plan (Ctrl Enter)."
              : "Administrators change the configuration; you see how it is set."}
          </Empty>
        )}
        {plan !== undefined && (
          <PlanView
            plan={plan}
            isCurrent={isPlanned}
            mayApply={mayAdmin}
            isApplying={isAsking}
            apply={() => void apply()}
          >
            <TryOnPast document={async () => text} />
          </PlanView>
        )}
      </section>
    </div>
  );
}

/** Of the document as it is written: `takeBack` where it is changed, `planIt` where that is allowed. */
function Controls({
  revision,
  takeBack,
  planIt,
  isPlanned,
  isAsking,
}: {
  revision: string;
  takeBack: (() => void) | undefined;
  planIt: (() => void) | undefined;
  isPlanned: boolean;
  isAsking: boolean;
}) {
  return (
    <div className="line spread above">
      <span className="dim">
        Revision {revision}
        {takeBack && ", changed here"}
      </span>
      <span className="line">
        {takeBack && (
          <Button variant="subtle" color="gray" onClick={takeBack}>
            Take back
          </Button>
        )}
        {planIt && (
          <Button variant={isPlanned ? "default" : "filled"} loading={isAsking} onClick={planIt}>
            Plan
          </Button>
        )}
      </span>
    </div>
  );
}

/** The keys of new suppliers, which are shown this once. */
function FirstKeys({ of: { created_keys }, taken }: { of: Applied; taken: () => void }) {
  if (created_keys.length === 0) return null;
  return (
    <>
      {created_keys.map(({ supplier_id, key }) => (
        <ShownOnce key={supplier_id} name={`The first key of ${supplier_id}`} secret={key} />
      ))}
      <Button className="above" variant="default" onClick={taken}>
        I have the keys
      </Button>
    </>
  );
}
