import { Select } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Shapes, taken } from "#web/api/client.ts";
import { usePartyIds } from "#web/api/configuration.ts";
import { AskFirst } from "#web/parts/ask.tsx";
import { moneyText } from "#web/parts/money.tsx";
import { monthBefore, monthInWords } from "#web/times/days.ts";

/** As many months back as can be picked. */
const MONTHS = 24;

/** The months before this one, for a choice of one. */
export function pastMonths(first = 1): { value: string; label: string }[] {
  return Array.from({ length: MONTHS }, (_, back) => {
    const value = monthBefore(first + back);
    return { value, label: monthInWords(value) };
  });
}

interface NewInvoice {
  /** Undefined: it is asked for. */
  buyer?: string;
  /** With several, one is asked for. */
  currencies?: readonly string[];
  close(): void;
}

/** Closes a month of a buyer into an invoice. */
export function IssueInvoice({ buyer, currencies = [], close }: NewInvoice) {
  const queries = useQueryClient();
  const { buyers } = usePartyIds();
  const [whose, setWhose] = useState<string | null>(buyer ?? null);
  const [month, setMonth] = useState(() => monthBefore(1));
  const [currency, setCurrency] = useState<string | null>(
    currencies.length > 1 ? (currencies[0] ?? null) : null,
  );
  async function act() {
    const params = { path: { id: whose ?? "" } };
    const body = { month, ...(currency === null ? {} : { currency }) };
    const { data } = await taken(api.POST("/api/v1/admin/buyers/{id}/invoices", { params, body }));
    notifications.show({ message: `Invoice ${data.number}: ${moneyText(data.total, data.currency)}.` });
    await Promise.all(
      ["invoices", "ledger", "statement"].map((name) => queries.invalidateQueries({ queryKey: [name] })),
    );
  }
  return (
    <AskFirst
      title="Make an invoice"
      verb="Make it"
      isReady={whose !== null}
      act={act}
      close={close}
      body={
        <div className="stack">
          <p>
            What the buyer was sold in a month, less what it was given back. It is never changed: what happens
            to its sales later is in the month in which it happens.
          </p>
          {buyer === undefined && (
            <Select label="Buyer" data={buyers} value={whose} onChange={setWhose} searchable data-autofocus />
          )}
          <Select
            label="Month"
            data={pastMonths()}
            value={month}
            onChange={(value) => setMonth(value ?? month)}
            allowDeselect={false}
          />
          {currencies.length > 1 && (
            <Select
              label="Currency"
              data={[...currencies]}
              value={currency}
              onChange={setCurrency}
              allowDeselect={false}
            />
          )}
        </div>
      }
    />
  );
}

/** Puts on record that an invoice was paid. */
export function MarkPaid({ invoice, close }: { invoice: Shapes["Invoice"]; close(): void }) {
  const queries = useQueryClient();
  async function act() {
    const params = { path: { number: String(invoice.number) } };
    await taken(api.POST("/api/v1/admin/invoices/{number}/paid", { params }));
    notifications.show({ message: `Invoice ${invoice.number} is paid.` });
    await Promise.all(
      ["invoices", "invoice", "ledger", "balance", "statement"].map((name) =>
        queries.invalidateQueries({ queryKey: [name] }),
      ),
    );
  }
  return (
    <AskFirst
      title={`Invoice ${invoice.number} was paid`}
      verb="It was paid"
      act={act}
      close={close}
      body={
        <p>
          A payment of <b>{moneyText(invoice.total, invoice.currency)}</b> is booked for {invoice.buyer_id}. A
          deposit that was entered for it already should not be entered twice.
        </p>
      }
    />
  );
}
