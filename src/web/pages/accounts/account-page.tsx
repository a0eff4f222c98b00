import { Button, Menu } from "@mantine/core";
import IconChevronDown from "@tabler/icons-react/icons/IconChevronDown";
import { useState } from "react";
import { Link } from "#web/address/link.tsx";
import { useMay } from "#web/api/session.ts";
import { Facts } from "#web/parts/facts.tsx";
import { Money } from "#web/parts/money.tsx";
import { PageHead } from "#web/parts/page-head.tsx";
import { Problem } from "#web/parts/problem.tsx";
import { inWords, Status } from "#web/parts/status.tsx";
import { Billing } from "./billing.tsx";
import { IssueInvoice } from "./invoice-actions.tsx";
import { Ledger } from "./ledger.tsx";
import { Adjustment, Cost, Payment } from "./money-forms.tsx";
import { type AnyBalance, type Party, searchOf, useBalance, useNameOf } from "./party.ts";

/** The account of one party: its balance, what moved it, and what can be entered. */
export function AccountPage({ party }: { party: Party }) {
  const { name } = useNameOf(party);
  const balance = useBalance(party);
  return (
    <section className="fill">
      <PageHead
        title={name}
        about={
          <>
            <Link to="/accounts">Accounts</Link> › {inWords(party.kind)} <code>{party.id}</code>
          </>
        }
      >
        <Button
          variant="default"
          renderRoot={(props) => <Link to="/statement" search={searchOf(party)} {...props} />}
        >
          Statement
        </Button>
        {party.kind === "buyer" && (
          <Button
            variant="default"
            renderRoot={(props) => <Link to="/invoices" search={{ buyer: party.id }} {...props} />}
          >
            Invoices
          </Button>
        )}
        <Enter party={party} balance={balance.data} />
      </PageHead>
      {balance.error !== null && <Problem error={balance.error} retry={() => void balance.refetch()} />}
      {balance.data !== undefined && <Standing balance={balance.data} />}
      <Ledger party={party} />
    </section>
  );
}

function Standing({ balance }: { balance: AnyBalance }) {
  const { balances, currency, spendable, credit_limit, low_balance, is_low, billing } = balance;
  const written = (value: string | null | undefined) =>
    value !== null && value !== undefined && <Money value={value} currency={currency ?? "USD"} />;
  return (
    <div className="panel standing">
      <Facts
        of={[
          ...balances.map(
            (each) =>
              [
                balances.length > 1 ? `Balance, ${each.currency}` : "Balance",
                <b key={each.currency} className="standing-balance">
                  <Money value={each.balance} currency={each.currency ?? "USD"} />
                </b>,
              ] as const,
          ),
          ["Billing", billing],
          ["Can still be spent", billing !== "manual" && written(spendable)],
          ["Credit", written(credit_limit)],
          ["Low below", written(low_balance)],
          ["State", is_low === true && <Status key="low" word="paused" label="low" />],
        ]}
      />
    </div>
  );
}

type Asked = "payment" | "adjustment" | "cost" | "invoice" | "billing";

/** All that can be entered by hand. */
function Enter({ party, balance }: { party: Party; balance: AnyBalance | undefined }) {
  const [asked, setAsked] = useState<Asked>();
  const [mayOperate, mayAdmin] = [useMay("operate"), useMay("admin")];
  const close = () => setAsked(undefined);
  const currencies = (balance?.balances ?? []).flatMap(({ currency }) => currency ?? []);
  const form = { party, currencies, close };
  const isBuyer = party.kind === "buyer";
  if (!mayOperate) return null;
  return (
    <>
      <Menu position="bottom-end" shadow="md">
        <Menu.Target>
          <Button rightSection={<IconChevronDown size={14} />}>Enter</Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setAsked("payment")}>{isBuyer ? "A deposit…" : "A payment…"}</Menu.Item>
          {!isBuyer && <Menu.Item onClick={() => setAsked("cost")}>A cost…</Menu.Item>}
          <Menu.Item onClick={() => setAsked("adjustment")}>An adjustment…</Menu.Item>
          {isBuyer && <Menu.Item onClick={() => setAsked("invoice")}>An invoice of a month…</Menu.Item>}
          {isBuyer && mayAdmin && (
            <>
              <Menu.Divider />
              <Menu.Item onClick={() => setAsked("billing")}>How it is billed…</Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {asked === "payment" && <Payment {...form} />}
      {asked === "adjustment" && <Adjustment {...form} />}
      {asked === "cost" && <Cost {...form} />}
      {asked === "invoice" && <IssueInvoice buyer={party.id} currencies={currencies} close={close} />}
      {asked === "billing" && <Billing buyer={party.id} close={close} />}
    </>
  );
}
