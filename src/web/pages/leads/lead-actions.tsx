import { Select, Textarea, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Shapes, taken } from "#web/api/client.ts";
import { AskFirst } from "#web/parts/ask.tsx";
import { inWords } from "#web/parts/status.tsx";

interface OfLead {
  lead: Shapes["LeadOnRecord"];
  close(): void;
}

function useLeadChanged() {
  const queries = useQueryClient();
  // The list shows it anew by itself.
  return () => queries.invalidateQueries({ queryKey: ["lead"] });
}

/** Decides a lead once more. */
export function RedistributeLead({ lead, close }: OfLead) {
  const changed = useLeadChanged();
  async function act() {
    const params = { path: { lead: lead.id } };
    const { data } = await taken(api.POST("/api/v1/admin/leads/{lead}/redistribute", { params }));
    const outcome =
      data.buyer_id === null ? inWords(data.status) : `${inWords(data.status)}: ${data.buyer_id}`;
    notifications.show({ message: `Sent round again. ${outcome}` });
    await changed();
  }
  return (
    <AskFirst
      title="Send this lead round again"
      body={
        <p>
          It is decided once more, by the configuration, caps and balances of now. That is for leads of the
          last 60 days that found no buyer, or that their buyer did not get or take.
        </p>
      }
      verb="Send round again"
      act={act}
      close={close}
    />
  );
}

/** Lets a lead go on that was put aside. */
export function ReleaseLead({ lead, close }: OfLead) {
  const changed = useLeadChanged();
  async function act() {
    const params = { path: { lead: lead.id } };
    const { data } = await taken(api.POST("/api/v1/admin/leads/{lead}/release", { params }));
    const outcome =
      data.buyer_id === null ? inWords(data.status) : `${inWords(data.status)}: ${data.buyer_id}`;
    notifications.show({ message: `Released. ${outcome}` });
    await changed();
  }
  return (
    <AskFirst
      title="Release this lead"
      body={<p>It is decided as if it came now: by the configuration, caps and duplicates of now.</p>}
      verb="Release"
      act={act}
      close={close}
    />
  );
}

/** Refuses a lead that was put aside. */
export function RejectLead({ lead, close }: OfLead) {
  const changed = useLeadChanged();
  const [reason, setReason] = useState("");
  async function act() {
    const body = reason.trim() === "" ? {} : { reason: reason.trim() };
    const params = { path: { lead: lead.id } };
    await taken(api.POST("/api/v1/admin/leads/{lead}/reject", { params, body }));
    notifications.show({ message: "The lead is refused." });
    await changed();
  }
  return (
    <AskFirst
      title="Refuse this lead"
      danger
      verb="Refuse"
      act={act}
      close={close}
      body={
        <TextInput
          label="Why"
          description="For its trace. Nothing of the person belongs here."
          value={reason}
          maxLength={200}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
      }
    />
  );
}

const REASONS = ["bad_contact", "wrong_vertical", "duplicate", "tcpa_risk", "out_of_area", "other"] as const;

/** Asks for a return in a buyer's name. */
export function ReturnSale({ lead, close }: OfLead) {
  const changed = useLeadChanged();
  const sold = lead.sales.filter(({ status }) => status === "sold").map(({ buyer_id }) => buyer_id);
  const [buyer, setBuyer] = useState<string | null>(sold[0] ?? null);
  const [reason, setReason] = useState<(typeof REASONS)[number]>("bad_contact");
  const [note, setNote] = useState("");
  async function act() {
    const body = { reason, ...(buyer === null ? {} : { buyer_id: buyer }), ...(note === "" ? {} : { note }) };
    const params = { path: { lead: lead.id } };
    const { data } = await taken(api.POST("/api/v1/admin/leads/{lead}/returns", { params, body }));
    notifications.show({ message: `The return is ${data.status}.` });
    await changed();
  }
  return (
    <AskFirst
      title="Ask for a return"
      verb="Ask"
      isReady={buyer !== null && (reason !== "other" || note.trim() !== "")}
      act={act}
      close={close}
      body={
        <div className="stack">
          <Select label="Buyer" data={sold} value={buyer} onChange={setBuyer} allowDeselect={false} />
          <Select
            label="Reason"
            data={REASONS.map((value) => ({ value, label: inWords(value) }))}
            value={reason}
            onChange={(value) => setReason(value ?? "other")}
            allowDeselect={false}
          />
          <Textarea
            label="Note"
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
            required={reason === "other"}
            maxLength={2000}
            autosize
            minRows={2}
          />
        </div>
      }
    />
  );
}

/** Orders that the person of a lead is forgotten, everywhere. */
export function EraseLead({ lead, close }: OfLead) {
  const changed = useLeadChanged();
  const said = lead.fields as Record<string, unknown>;
  const [phone, setPhone] = useState(typeof said["phone"] === "string" ? said["phone"] : "");
  const [email, setEmail] = useState(typeof said["email"] === "string" ? said["email"] : "");
  async function act() {
    const body = { ...(phone === "" ? {} : { phone }), ...(email === "" ? {} : { email }) };
    await taken(api.POST("/api/v1/admin/erasures", { body }));
    notifications.show({ message: "The person is being forgotten, in the background." });
    await changed();
  }
  return (
    <AskFirst
      title="Forget this person"
      danger
      verb="Forget the person"
      isReady={phone !== "" || email !== ""}
      act={act}
      close={close}
      body={
        <div className="stack">
          <p>
            Everything that tells who this is will be erased, in every lead with this phone or this e-mail.
            Money and decisions stay. It cannot be undone; what buyers have received is theirs.
          </p>
          <TextInput label="Phone" value={phone} onChange={(event) => setPhone(event.currentTarget.value)} />
          <TextInput label="E-mail" value={email} onChange={(event) => setEmail(event.currentTarget.value)} />
        </div>
      }
    />
  );
}
