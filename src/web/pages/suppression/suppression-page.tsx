import { Button, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { type FormEvent, useEffect, useState } from "react";
import { useAddress } from "#web/address/here.ts";
import { Link } from "#web/address/link.tsx";
import { api, taken } from "#web/api/client.ts";
import { type InForce, useConfiguration } from "#web/api/configuration.ts";
import { useMay } from "#web/api/session.ts";
import { Empty } from "#web/parts/empty.tsx";
import { PageHead } from "#web/parts/page-head.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { soughtPerson } from "#web/parts/sought.ts";
import { Status } from "#web/parts/status.tsx";
import { countryOfList } from "./country-of-list.ts";
import { ImportFile } from "./import-file.tsx";

/** Who must not be called: whether somebody is on a list, and putting somebody there. */
export function SuppressionPage() {
  const configuration = useConfiguration();
  const lists = configuration.data?.suppressionLists ?? [];
  return (
    <section>
      <PageHead
        title="Suppression"
        about="Entries are kept as keyed hashes: one can ask for a person, but not list people."
      />
      {configuration.error !== null && <Problem error={configuration.error} />}
      {configuration.data !== undefined && lists.length === 0 && (
        <Empty title="There is no suppression list yet.">
          Lists are part of <Link to="/configuration">the configuration</Link>, under{" "}
          <code>suppression_lists</code>; a campaign names those that it looks leads up in.
        </Empty>
      )}
      {configuration.data !== undefined && lists.length > 0 && (
        <div className="board">
          <CheckPerson inForce={configuration.data} />
          <Lists inForce={configuration.data} />
        </div>
      )}
    </section>
  );
}

type Found = { person: string; lists: { id: string; isThere: boolean }[] };

function CheckPerson({ inForce }: { inForce: InForce }) {
  const { said, say } = useAddress();
  const mayOperate = useMay("operate");
  const [text, setText] = useState(said["person"] ?? "");
  const [found, setFound] = useState<Found>();
  const [problem, setProblem] = useState<unknown>();
  const [isAsking, setAsking] = useState(false);
  const person = soughtPerson(text);

  async function look() {
    if (person === undefined) return;
    setAsking(true);
    setProblem(undefined);
    say({ person: text.trim() }, true);
    try {
      const answers = await Promise.all(
        inForce.suppressionLists.map(async ({ id }) => {
          const params = { path: { list: id }, query: { ...person, country: countryOfList(id, inForce) } };
          const { data } = await taken(api.GET("/api/v1/admin/suppression-lists/{list}/check", { params }));
          return { id, isThere: data.suppressed };
        }),
      );
      setFound({ person: text.trim(), lists: answers });
    } catch (error) {
      setProblem(error);
      setFound(undefined);
    }
    setAsking(false);
  }

  // Whoever comes by a person's name has asked already.
  useEffect(() => {
    if (said["person"] !== undefined) void look();
  }, []);

  async function change(list: string, isThere: boolean) {
    if (person === undefined) return;
    try {
      const params = { path: { list }, query: { country: countryOfList(list, inForce) } };
      const path = "/api/v1/admin/suppression-lists/{list}/entries";
      if (isThere) await taken(api.DELETE(path, { params, body: person }));
      else await taken(api.POST(path, { params, body: { entries: [person] } }));
      notifications.show({ message: isThere ? `Taken off ${list}.` : `Put on ${list}.` });
      await look();
    } catch (error) {
      setProblem(error);
    }
  }

  return (
    <section className="panel">
      <h2>Is somebody on a list?</h2>
      <form
        className="line line-end"
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          void look();
        }}
      >
        <TextInput
          data-search
          label="Phone or e-mail"
          placeholder="(512) 555-0142"
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setFound(undefined);
          }}
          className="filters-search"
        />
        <Button type="submit" loading={isAsking} disabled={person === undefined}>
          Look
        </Button>
      </form>
      <div className="above" aria-live="polite">
        {problem !== undefined && <Problem error={problem} />}
        {found !== undefined && (
          <ul className="plain alerts">
            {found.lists.map(({ id, isThere }) => (
              <li key={id}>
                <b>{id}</b>
                <Status word={isThere ? "refused" : "passed"} label={isThere ? "on the list" : "not on it"} />
                {mayOperate && (
                  <Button
                    variant="default"
                    className="push"
                    onClick={() => void change(id, isThere)}
                    aria-label={isThere ? `Take off ${id}` : `Put on ${id}`}
                  >
                    {isThere ? "Take off" : "Put on it"}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        )}
      </div>
    </section>
  );
}

function Lists({ inForce }: { inForce: InForce }) {
  const { suppressionLists: lists, campaigns } = inForce;
  const mayOperate = useMay("operate");
  return (
    <div className="stack">
      <section className="panel">
        <h2>Lists</h2>
        <ul className="plain alerts">
          {lists.map(({ id, name }) => (
            <li key={id}>
              <b>{name ?? id}</b>
              <code className="dim">{id}</code>
              <span className="dim">
                {campaigns
                  .filter((each) => each.suppression_lists?.includes(id))
                  .map((each) => each.id)
                  .join(", ") || "used by no campaign"}
              </span>
            </li>
          ))}
        </ul>
      </section>
      {mayOperate && <ImportFile inForce={inForce} />}
    </div>
  );
}
