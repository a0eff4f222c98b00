import { Select, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, taken } from "#web/api/client.ts";
import { useConfiguration } from "#web/api/configuration.ts";
import { isAmount } from "#web/parts/amounts.ts";
import { AskFirst } from "#web/parts/ask.tsx";
import { dayText } from "#web/times/days.ts";
import type { Party } from "./party.ts";

interface MoneyForm {
  party: Party;
  /** Those that its account is in; with several one is named. */
  currencies: readonly string[];
  close(): void;
}

function useMoneyMoved() {
  const queries = useQueryClient();
  return async (message: string) => {
    notifications.show({ message });
    await Promise.all(
      ["balance", "ledger", "invoices", "statement", "profit"].map((name) =>
        queries.invalidateQueries({ queryKey: [name] }),
      ),
    );
  };
}

function useCurrency(currencies: readonly string[]) {
  const [currency, setCurrency] = useState<string | null>(currencies[0] ?? null);
  const field =
    currencies.length < 2 ? null : (
      <Select
        label="Currency"
        data={[...currencies]}
        value={currency}
        onChange={setCurrency}
        allowDeselect={false}
      />
    );
  return { currency, field };
}

function AmountInput({
  value,
  set,
  label = "Amount",
}: {
  value: string;
  set(value: string): void;
  label?: string;
}) {
  return (
    <TextInput
      label={label}
      placeholder="1000.00"
      inputMode="decimal"
      value={value}
      onChange={(event) => set(event.currentTarget.value)}
      data-autofocus
    />
  );
}

/** Enters money that a buyer paid, or that was paid to a supplier. */
export function Payment({ party, currencies, close }: MoneyForm) {
  const moved = useMoneyMoved();
  const { currency, field } = useCurrency(currencies);
  const [amount, setAmount] = useState("");
  const [reference, setReference] = useState("");
  const headers = useOnce();
  const isBuyer = party.kind === "buyer";
  async function act() {
    const body = { amount: amount.trim(), currency, ...(reference === "" ? {} : { reference }) };
    if (isBuyer) {
      const params = { path: { id: party.id } };
      await taken(api.POST("/api/v1/admin/buyers/{id}/deposits", { params, body, headers }));
    } else {
      const params = { path: { supplier: party.id } };
      await taken(api.POST("/api/v1/admin/suppliers/{supplier}/payments", { params, body, headers }));
    }
    await moved("Entered.");
  }
  return (
    <AskFirst
      title={isBuyer ? "Enter a deposit" : "Enter a payment"}
      verb="Enter it"
      isReady={isAmount(amount)}
      act={act}
      close={close}
      body={
        <div className="stack">
          <p>{isBuyer ? "Money that this buyer has paid you." : "Money that you have paid this supplier."}</p>
          <AmountInput
            label={`Amount${currency === null || field !== null ? "" : `, in ${currency}`}`}
            value={amount}
            set={setAmount}
          />
          {field}
          <TextInput
            label="Reference"
            placeholder="of the payment, for the statement"
            value={reference}
            onChange={(event) => setReference(event.currentTarget.value)}
          />
        </div>
      }
    />
  );
}

/** A key by which what is sent twice happens once. */
function useOnce(): Record<string, string> {
  const [key] = useState(() => crypto.randomUUID());
  return { "idempotency-key": key };
}

/** Puts a balance right, up or down, with the reason. */
export function Adjustment({ party, currencies, close }: MoneyForm) {
  const moved = useMoneyMoved();
  const { currency, field } = useCurrency(currencies);
  const [way, setWay] = useState("up");
  const [amount, setAmount] = useState("");
  const [note, setNote] = useState("");
  const headers = useOnce();
  const isBuyer = party.kind === "buyer";
  async function act() {
    const signed = `${way === "down" ? "-" : ""}${amount.trim()}`;
    const body = { amount: signed, currency, note: note.trim() };
    if (isBuyer) {
      const params = { path: { id: party.id } };
      await taken(api.POST("/api/v1/admin/buyers/{id}/adjustments", { params, body, headers }));
    } else {
      const params = { path: { supplier: party.id } };
      await taken(api.POST("/api/v1/admin/suppliers/{supplier}/adjustments", { params, body, headers }));
    }
    await moved("Adjusted.");
  }
  return (
    <AskFirst
      title="Adjust the balance"
      verb="Adjust it"
      isReady={isAmount(amount) && note.trim() !== ""}
      act={act}
      close={close}
      body={
        <div className="stack">
          <Select
            label="Which way"
            data={[
              { value: "up", label: isBuyer ? "In the buyer's favour" : "More is owed to the supplier" },
              { value: "down", label: isBuyer ? "The buyer owes more" : "Less is owed to the supplier" },
            ]}
            value={way}
            onChange={(value) => setWay(value ?? "up")}
            allowDeselect={false}
          />
          <AmountInput value={amount} set={setAmount} />
          {field}
          <TextInput
            label="Why"
            description="It stands on the statement"
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
            maxLength={2000}
          />
        </div>
      }
    />
  );
}

/** Sets what a supplier costs for a day beside the payouts of its leads; one amount for each day, campaign and source. */
export function Cost({ party, currencies, close }: MoneyForm) {
  const moved = useMoneyMoved();
  const { data } = useConfiguration();
  const { currency, field } = useCurrency(currencies);
  const [day, setDay] = useState(() => dayText(new Date()));
  const [campaign, setCampaign] = useState<string | null>(null);
  const [source, setSource] = useState("");
  const [amount, setAmount] = useState("");
  const campaigns = (data?.campaigns ?? [])
    .filter(({ suppliers }) => suppliers?.some(({ supplier }) => supplier === party.id))
    .map(({ id }) => id);
  async function act() {
    const params = { path: { supplier: party.id } };
    const body = {
      day,
      campaign,
      amount: amount.trim(),
      source: source.trim() === "" ? null : source.trim(),
      ...(campaign === null ? { currency } : {}),
    };
    const { data: set } = await taken(api.POST("/api/v1/admin/suppliers/{supplier}/costs", { params, body }));
    await moved(set.replaced === null ? "Entered." : `Entered, in place of ${set.replaced}.`);
    setAmount("");
  }
  return (
    <AskFirst
      title="Enter a cost"
      verb="Enter it"
      isReady={/^\d+(\.\d{1,4})?$/.test(amount.trim()) && day !== ""}
      act={act}
      staysOpen
      close={close}
      body={
        <div className="stack">
          <p>
            What this supplier costs for a day beside its leads, such as what was spent on advertising. One
            amount for each day, campaign and source: entered again, it replaces the one before; 0 takes it
            back. Whole files: <code>leadgate costs import</code>.
          </p>
          <div className="fields">
            <TextInput
              type="date"
              label="Day"
              value={day}
              onChange={(event) => setDay(event.currentTarget.value)}
            />
            <AmountInput value={amount} set={setAmount} />
            <Select
              label="Campaign"
              placeholder="of none"
              data={campaigns}
              value={campaign}
              onChange={setCampaign}
              clearable
            />
            {campaign === null && field}
            <TextInput
              label="Source"
              placeholder="search ads"
              value={source}
              onChange={(event) => setSource(event.currentTarget.value)}
              maxLength={200}
            />
          </div>
        </div>
      }
    />
  );
}
