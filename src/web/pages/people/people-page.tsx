import { Button } from "@mantine/core";
import { useState } from "react";
import { useMay, useSession } from "#web/api/session.ts";
import { Empty } from "#web/parts/empty.tsx";
import { PageHead } from "#web/parts/page-head.tsx";
import { OwnPasskeys } from "./own-passkeys.tsx";
import { AddPerson } from "./person-forms.tsx";
import { PersonTable } from "./person-table.tsx";
import { OperatorSessions, PortalSessions } from "./session-tables.tsx";

/** Who the operators are, what they come in by, and who is logged in, in the portal too. */
export function PeoplePage() {
  const mayAdmin = useMay("admin");
  const session = useSession();
  const isPerson = typeof session?.person_id === "string";
  const [isAdding, setAdding] = useState(false);
  return (
    <section>
      <PageHead
        title="People"
        about="Operators who log in by a link in an e-mail, and everybody who is logged in."
      >
        {mayAdmin && <Button onClick={() => setAdding(true)}>Add a person</Button>}
      </PageHead>
      <div className="stack-l">
        {isPerson && <OwnPasskeys />}
        {mayAdmin ? (
          <>
            <PersonTable />
            <OperatorSessions />
            <PortalSessions />
          </>
        ) : (
          <Empty title="You may not see the others.">That is for those with the role admin.</Empty>
        )}
      </div>
      {isAdding && <AddPerson close={() => setAdding(false)} />}
    </section>
  );
}
