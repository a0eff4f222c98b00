import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { useOwnPasskeys, usePasskeyChanges } from "#web/api/passkeys.ts";
import { AskFirst } from "#web/parts/ask.tsx";
import { Empty } from "#web/parts/empty.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { PasskeyTable } from "./passkey-table.tsx";

type Doing = { what: "add" } | { what: "name" | "remove"; id: string; name: string };

/** The passkeys of who is logged in: without one, whoever reads his e-mail logs in as he. */
export function OwnPasskeys() {
  const own = useOwnPasskeys();
  const { remove } = usePasskeyChanges();
  const [doing, setDoing] = useState<Doing>();
  const close = () => setDoing(undefined);
  const canBeMade = own.data?.can_be_made === true;
  const count = own.data?.passkeys.length ?? 0;
  return (
    <section className="panel table-scroll" aria-busy={own.isPending}>
      <div className="panel-head">
        <h2>Your passkeys</h2>
        {canBeMade && count > 0 && (
          <Button variant="default" onClick={() => setDoing({ what: "add" })}>
            Add another
          </Button>
        )}
      </div>
      {own.error !== null && <Problem error={own.error} retry={() => void own.refetch()} />}
      {own.data !== undefined && count === 0 && (
        <Empty title="Whoever reads your e-mail can log in as you.">
          {canBeMade ? (
            <>
              <p>With a passkey (fingerprint, face, PIN or security key) the link alone is not enough.</p>
              <Button onClick={() => setDoing({ what: "add" })}>Add a passkey</Button>
            </>
          ) : (
            "Passkeys would prevent that. They need LEADGATE_PUBLIC_URL to be https, with a name and no bare number."
          )}
        </Empty>
      )}
      {own.data !== undefined && count > 0 && (
        <PasskeyTable
          passkeys={own.data.passkeys}
          actions={({ id, name }) => (
            <>
              <Button variant="default" onClick={() => setDoing({ what: "name", id, name })}>
                Rename…
              </Button>
              <Button variant="default" onClick={() => setDoing({ what: "remove", id, name })}>
                Remove…
              </Button>
            </>
          )}
        />
      )}
      {count === 1 && (
        <p className="panel-note">Add a second one on another device, for when this one is lost.</p>
      )}
      {doing?.what === "add" && <NamePasskey close={close} />}
      {doing?.what === "name" && <NamePasskey of={doing} close={close} />}
      {doing?.what === "remove" && (
        <AskFirst
          title={`Remove “${doing.name}”`}
          danger
          verb="Remove"
          act={() => remove(doing.id)}
          close={close}
          body={
            count === 1
              ? "It is your last: from then on a link in an e-mail is enough to log in as you."
              : "You log in by the others."
          }
        />
      )}
    </section>
  );
}

/** Names a passkey, and has the browser make it where there is none yet. */
function NamePasskey({ of, close }: { of?: { id: string; name: string }; close(): void }) {
  const { add, rename } = usePasskeyChanges();
  const [name, setName] = useState(of?.name ?? "");
  const wanted = name.trim();
  return (
    <AskFirst
      title={of === undefined ? "Add a passkey" : "Rename the passkey"}
      verb={of === undefined ? "Make it" : "Rename"}
      isReady={wanted !== ""}
      act={() => (of === undefined ? add(wanted) : rename(of.id, wanted))}
      close={close}
      body={
        <div className="stack">
          <TextInput
            label="Name"
            description="By which you know it among others"
            placeholder="Laptop, phone, key on the ring"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            maxLength={100}
            data-autofocus
          />
          {of === undefined && <p className="dim">Your browser asks then where the passkey is to be kept.</p>}
        </div>
      }
    />
  );
}
