import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, taken } from "#web/api/client.ts";
import { AskFirst } from "#web/parts/ask.tsx";
import { Differences } from "#web/parts/differences.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { MadeOnce, ShownOnce } from "#web/parts/shown-once.tsx";

/** Brings the configuration of a revision back, once one has seen what that changes. */
export function RollBack({ revision }: { revision: number }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <div>
      <Button variant="default" onClick={() => setOpen(true)}>
        Back to this revision…
      </Button>
      {isOpen && <Preview revision={revision} close={() => setOpen(false)} />}
    </div>
  );
}

function Preview({ revision, close }: { revision: number; close(): void }) {
  const queries = useQueryClient();
  const [keys, setKeys] = useState<readonly { supplier_id: string; key: string }[]>([]);
  const plan = useQuery({
    queryKey: ["roll-back", revision],
    staleTime: 0,
    queryFn: async () =>
      (await taken(api.POST("/api/v1/admin/config/rollback/plan", { body: { revision } }))).data,
  });

  async function act() {
    const params = { header: { "if-match": `"${plan.data?.revision}"` } };
    const { data } = await taken(api.POST("/api/v1/admin/config/rollback", { params, body: { revision } }));
    notifications.show({ message: `Revision ${data.revision} is in force, as ${revision} was.` });
    setKeys(data.created_keys);
    await queries.invalidateQueries();
    if (data.created_keys.length === 0) close();
  }

  if (keys.length > 0) {
    return (
      <MadeOnce title="Keys of suppliers that came back" verb="I have them" close={close}>
        {keys.map(({ supplier_id, key }) => (
          <ShownOnce key={supplier_id} name={`The key of ${supplier_id}`} secret={key} />
        ))}
      </MadeOnce>
    );
  }
  const changes = plan.data?.changes ?? [];
  return (
    <AskFirst
      title={`Back to revision ${revision}`}
      verb="Put it in force"
      isReady={changes.length > 0}
      isWide
      staysOpen
      act={act}
      close={close}
      body={
        <div className="stack">
          {plan.error !== null && <Problem error={plan.error} />}
          {plan.data === undefined && plan.error === null && (
            <p className="dim">Looking what it would change…</p>
          )}
          {plan.data !== undefined && changes.length === 0 && (
            <p>It is as what is in force: nothing would change.</p>
          )}
          {changes.length > 0 && (
            <>
              <p>
                The configuration of then becomes a new revision, with the credentials of then in URLs and
                headers. Keys, signing secrets, counters and entries stay as they are.
              </p>
              <Differences changes={changes} />
            </>
          )}
        </div>
      }
    />
  );
}
