import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Shapes, taken } from "#web/api/client.ts";
import { AskFirst } from "#web/parts/ask.tsx";
import { Empty } from "#web/parts/empty.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { PasskeyTable } from "./passkey-table.tsx";

/** Another's passkeys, to be removed when a device is lost. */
export function PasskeysOf({ person, close }: { person: Shapes["Person"]; close(): void }) {
  const queries = useQueryClient();
  const [removed, setRemoved] = useState<Shapes["Passkey"]>();
  const params = { path: { person: person.id } };
  const passkeys = useQuery({
    queryKey: ["passkeys of", person.id],
    queryFn: async () => (await taken(api.GET("/api/v1/admin/people/{person}/passkeys", { params }))).data,
  });
  async function remove() {
    const path = { person: person.id, passkey: removed?.id ?? "" };
    await taken(api.DELETE("/api/v1/admin/people/{person}/passkeys/{passkey}", { params: { path } }));
    await Promise.all(
      [["passkeys of", person.id], ["people"], ["own passkeys"]].map((queryKey) =>
        queries.invalidateQueries({ queryKey }),
      ),
    );
  }
  if (removed !== undefined) {
    return (
      <AskFirst
        title={`Remove “${removed.name}” of ${person.name}`}
        danger
        verb="Remove"
        act={remove}
        close={() => setRemoved(undefined)}
        body="Without another passkey a link to the e-mail lets this person in: make sure that it is the person who asks."
      />
    );
  }
  return (
    <AskFirst
      title={`Passkeys of ${person.name}`}
      isWide
      verb="Done"
      act={async () => undefined}
      close={close}
      body={
        <>
          {passkeys.error !== null && <Problem error={passkeys.error} />}
          {passkeys.data?.length === 0 && <Empty title="There is none." />}
          {passkeys.data !== undefined && passkeys.data.length > 0 && (
            <PasskeyTable
              passkeys={passkeys.data}
              actions={(passkey) => (
                <Button variant="default" onClick={() => setRemoved(passkey)}>
                  Remove…
                </Button>
              )}
            />
          )}
        </>
      }
    />
  );
}
