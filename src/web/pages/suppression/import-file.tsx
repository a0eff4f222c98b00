import { Button, Progress, Select } from "@mantine/core";
import { useState } from "react";
import { sendFile } from "#web/api/client.ts";
import type { InForce } from "#web/api/configuration.ts";
import { countText } from "#web/parts/money.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { countryOfList } from "./country-of-list.ts";

interface Imported {
  received: number;
  added: number;
  already_there?: number;
  bad?: number;
  /** The first of them. */
  bad_lines?: readonly { line: number; field: string; message: string }[];
}

/** How much of a file is sent, from 0 to 1, and how many of its rows were read. */
interface Going {
  share: number;
  rows?: number;
}

/** Puts a file of people on a list. */
export function ImportFile({ inForce }: { inForce: InForce }) {
  const { suppressionLists: lists } = inForce;
  const [list, setList] = useState(lists[0]?.id ?? "");
  const [file, setFile] = useState<File>();
  const [problem, setProblem] = useState<unknown>();
  const [imported, setImported] = useState<Imported>();
  const [going, setGoing] = useState<Going>();
  const country = countryOfList(list, inForce);

  async function send() {
    if (file === undefined) return;
    setGoing({ share: 0 });
    setProblem(undefined);
    setImported(undefined);
    try {
      const path = `/api/v1/admin/suppression-lists/${encodeURIComponent(list)}/entries?country=${country}`;
      const outcome = await sendFile(path, file, {
        sent: (share) => setGoing({ share }),
        said: (line) => setGoing({ share: 1, rows: (line as Partial<Imported>).received }),
      });
      setImported((outcome as { data: Imported }).data);
    } catch (error) {
      setProblem(error);
    }
    setGoing(undefined);
  }

  return (
    <section className="panel stack-s">
      <h2>Add a file</h2>
      <p className="dim">
        CSV of any length, also compressed (<code>.gz</code>), with a line of names such as <code>phone</code>{" "}
        or <code>email</code>. Phones without a country code are taken for those of {country}. It may be sent
        again: nobody is on a list twice.
      </p>
      <Select
        label="To the list"
        data={lists.map(({ id }) => id)}
        value={list}
        onChange={(value) => setList(value ?? list)}
        allowDeselect={false}
        disabled={going !== undefined}
      />
      <label className="file">
        <span>File</span>
        <input
          type="file"
          accept=".csv,.txt,.gz,text/csv,text/plain"
          disabled={going !== undefined}
          onChange={(event) => setFile(event.currentTarget.files?.[0])}
        />
      </label>
      {going !== undefined && <Sent {...going} />}
      {problem !== undefined && <Problem error={problem} />}
      {imported !== undefined && <Outcome imported={imported} />}
      <div>
        <Button
          variant="default"
          disabled={file === undefined}
          loading={going !== undefined}
          onClick={() => void send()}
        >
          Add it
        </Button>
      </div>
    </section>
  );
}

const percent = new Intl.NumberFormat(undefined, { style: "percent" });

function Sent({ share, rows }: Going) {
  return (
    <div>
      <Progress value={share * 100} animated={share === 1} aria-label="Sent" />
      <p className="dim num" role="status">
        {rows === undefined ? `${percent.format(share)} of it sent` : `${countText(rows)} rows so far`}
      </p>
    </div>
  );
}

function Outcome({ imported }: { imported: Imported }) {
  const { received, added, already_there: there = 0, bad = 0, bad_lines: lines = [] } = imported;
  return (
    <div role="status">
      <p>
        {countText(added)} added, of {countText(received)} in the file
        {there > 0 && <>; {countText(there)} were there already</>}
        {bad > 0 && <>; {countText(bad)} not understood</>}.
      </p>
      {lines.length > 0 && (
        <ul className="plain dim">
          {lines.slice(0, 5).map(({ line, field, message }) => (
            <li key={`${line} ${field}`}>
              Line {countText(line)}, {field}: {message}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
