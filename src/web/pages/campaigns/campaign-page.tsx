import { Button, Loader, SegmentedControl } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useAddress } from "#web/address/here.ts";
import { Link } from "#web/address/link.tsx";
import { api, type Shapes, taken, takenWithTag } from "#web/api/client.ts";
import { useMay } from "#web/api/session.ts";
import { useHeld } from "#web/forms/held.ts";
import { PickDays } from "#web/lists/pick-days.tsx";
import { PageHead } from "#web/parts/page-head.tsx";
import { Problem, sentenceOf } from "#web/parts/problem.tsx";
import { Status } from "#web/parts/status.tsx";
import { ChangeCampaign } from "./change.tsx";
import { Overview } from "./overview.tsx";
import { TryLead } from "./try-lead.tsx";

const TABS = [
  { value: "now", label: "As it goes" },
  { value: "change", label: "Change" },
  { value: "try", label: "Try a lead" },
];

/** One campaign: how it goes, what is set, and what would become of a lead. */
export function CampaignPage({ id }: { id: string }) {
  const campaign = useQuery({
    queryKey: ["campaign", id],
    refetchOnWindowFocus: false,
    queryFn: () => takenWithTag(api.GET("/api/v1/admin/campaigns/{id}", { params: { path: { id } } })),
  });
  return (
    <>
      {campaign.data === undefined && (
        <PageHead title={id} about={<Link to="/campaigns">All campaigns</Link>} />
      )}
      {campaign.error !== null && <Problem error={campaign.error} retry={() => void campaign.refetch()} />}
      {campaign.data !== undefined && <Whole id={id} read={campaign.data} />}
      {campaign.isPending && <Loader size="sm" aria-label="Loading" />}
    </>
  );
}

function Whole({ id, read }: { id: string; read: { data: Shapes["Campaign"]; tag: string } }) {
  const { said, say } = useAddress();
  const { held, ...form } = useHeld(read);
  const tab = TABS.find(({ value }) => value === said["tab"])?.value ?? "now";
  const { data } = read;
  return (
    <section>
      <PageHead title={data.name ?? id} about={<Way campaign={data} />}>
        <Button
          variant="default"
          renderRoot={(props) => <Link to="/leads" search={{ campaign: id }} {...props} />}
        >
          Its leads
        </Button>
        <Button
          variant="default"
          renderRoot={(props) => <Link to="/history" search={{ campaign: id }} {...props} />}
        >
          Its history
        </Button>
        <DocsPage campaign={data} />
      </PageHead>
      <div className="filters">
        <SegmentedControl
          aria-label="What is shown"
          data={TABS}
          value={tab}
          onChange={(value) => say({ tab: value === "now" ? undefined : value })}
        />
        {tab === "now" && <PickDays otherwise="7d" />}
      </div>
      {tab === "now" && <Overview campaign={data} />}
      {tab === "change" && <ChangeCampaign key={held.tag} read={held} form={form} />}
      {tab === "try" && <TryLead campaign={data} />}
    </section>
  );
}

function Way({
  campaign: { id, status = "active", mode = "direct", currency = "USD" },
}: {
  campaign: Shapes["Campaign"];
}): ReactNode {
  return (
    <span className="line">
      <Link to="/campaigns">Campaigns</Link> › <code>{id}</code>
      <Status word={status} />
      <span>
        {mode === "ping_post" ? "pinged first" : "posted directly"}, in {currency}
      </span>
    </span>
  );
}

/** Opens the page by which suppliers send leads; by a link where it is not everybody's. */
function DocsPage({ campaign: { id, docs } }: { campaign: Shapes["Campaign"] }) {
  const mayOperate = useMay("operate");
  if (docs !== "private" || !mayOperate) {
    return (
      <Button
        variant="default"
        component="a"
        href={`/docs/campaigns/${encodeURIComponent(id)}`}
        target="_blank"
      >
        Its page for suppliers
      </Button>
    );
  }
  async function open() {
    try {
      const params = { path: { id } };
      const { data } = await taken(api.POST("/api/v1/admin/campaigns/{id}/docs-link", { params, body: {} }));
      window.open(data.url, "_blank", "noopener");
    } catch (error) {
      notifications.show({ color: "red", message: sentenceOf(error) });
    }
  }
  return (
    <Button variant="default" onClick={() => void open()}>
      Its page for suppliers
    </Button>
  );
}
