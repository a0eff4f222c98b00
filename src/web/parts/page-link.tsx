import { Select } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { api, taken } from "#web/api/client.ts";
import { AskFirst } from "./ask.tsx";
import { ShownOnce } from "./shown-once.tsx";

interface Linked {
  title: string;
  /** What the page shows. */
  about: string;
  reader: { buyer: string } | { supplier: string };
  /** The campaigns that have a page for that reader. */
  campaigns: readonly string[];
  /** What is said where there is none. */
  none: ReactNode;
  close(): void;
}

/** Makes a link that opens a party's page of a campaign without a key. */
export function PageLink({ title, about, reader, campaigns, none, close }: Linked) {
  const [campaign, setCampaign] = useState<string | null>(campaigns[0] ?? null);
  const [url, setUrl] = useState<string>();
  async function act() {
    const params = { path: { id: campaign ?? "" } };
    const made = await taken(api.POST("/api/v1/admin/campaigns/{id}/docs-link", { params, body: reader }));
    setUrl(made.data.url);
  }
  return (
    <AskFirst
      title={title}
      verb={url === undefined ? "Make the link" : "Done"}
      isReady={campaign !== null}
      act={url === undefined ? act : async () => close()}
      staysOpen
      close={close}
      body={
        campaigns.length === 0 ? (
          none
        ) : (
          <div className="stack">
            <p>{about}</p>
            <Select
              label="Campaign"
              data={[...campaigns]}
              value={campaign}
              onChange={setCampaign}
              allowDeselect={false}
            />
            {url !== undefined && <ShownOnce name="The link" secret={url} />}
          </div>
        )
      }
    />
  );
}
