import { Button } from "@mantine/core";
import { useState } from "react";
import { useAddress } from "#web/address/here.ts";
import { Link } from "#web/address/link.tsx";
import { useConfiguration } from "#web/api/configuration.ts";
import { FindBox, namedLike } from "#web/lists/find-box.tsx";
import { Empty } from "#web/parts/empty.tsx";
import { Money } from "#web/parts/money.tsx";
import { PageHead } from "#web/parts/page-head.tsx";
import { Problem, sentenceOf } from "#web/parts/problem.tsx";
import { Status } from "#web/parts/status.tsx";
import { AccountPage } from "./account-page.tsx";
import { type Party, partyOf, searchOf, useBalance } from "./party.ts";

/** Who owes what: every buyer and supplier with its balance, or the account of one. */
export function AccountsPage() {
  const { said } = useAddress();
  const party = partyOf(said);
  return party === undefined ? <Accounts /> : <AccountPage key={`${party.kind} ${party.id}`} party={party} />;
}

function Accounts() {
  const { said } = useAddress();
  const { data, error } = useConfiguration();
  const [buyers, suppliers] = [
    namedLike(data?.buyers ?? [], said["find"]),
    namedLike(data?.suppliers ?? [], said["find"]),
  ];
  const isNarrowed = (said["find"] ?? "") !== "";
  return (
    <section>
      <PageHead title="Accounts" about="What buyers have paid and not spent, and what suppliers are owed." />
      <FindBox label="Find an account" />
      {error !== null && <Problem error={error} />}
      {data !== undefined && buyers.length + suppliers.length === 0 && (
        <Empty title={isNarrowed ? "No account is called that." : "There is no account yet."}>
          Every buyer and supplier of <Link to="/configuration">the configuration</Link> has one, from its
          first sale or payment on.
        </Empty>
      )}
      <div className="halves">
        {buyers.length > 0 && <AccountList title="Buyers" kind="buyer" parties={buyers} />}
        {suppliers.length > 0 && <AccountList title="Suppliers" kind="supplier" parties={suppliers} />}
      </div>
    </section>
  );
}

/** So many are asked for at first: each balance is a question of its own. */
const SHOWN = 40;

function AccountList({
  title,
  kind,
  parties,
}: {
  title: string;
  kind: Party["kind"];
  parties: readonly { id: string; name?: string }[];
}) {
  const [shown, setShown] = useState(SHOWN);
  return (
    <section className="panel table-scroll">
      <h2>{title}</h2>
      <table className="table">
        <thead>
          <tr>
            <th>{kind === "buyer" ? "Buyer" : "Supplier"}</th>
            {kind === "buyer" && <th className="extra">Billing</th>}
            <th className="num">Balance</th>
          </tr>
        </thead>
        <tbody>
          {parties.slice(0, shown).map(({ id, name }) => (
            <AccountRow key={id} party={{ kind, id }} name={name ?? id} />
          ))}
        </tbody>
      </table>
      {parties.length > shown && (
        <Button className="above" variant="default" onClick={() => setShown(shown + SHOWN)}>
          Show more
        </Button>
      )}
    </section>
  );
}

function AccountRow({ party, name }: { party: Party; name: string }) {
  const balance = useBalance(party);
  const { balances = [], billing, is_low } = balance.data ?? {};
  return (
    <tr>
      <td>
        <Link to="/accounts" search={searchOf(party)} className="as-link">
          {name}
        </Link>
        <div className="dim">{party.id}</div>
      </td>
      {party.kind === "buyer" && <td className="extra">{billing}</td>}
      <td className="num">
        {balance.error !== null && <span data-tone="bad">{sentenceOf(balance.error)}</span>}
        {balances.map((each) => (
          <div key={each.currency} data-tone={each.balance.startsWith("-") ? "bad" : undefined}>
            <Money value={each.balance} currency={each.currency ?? "USD"} />
          </div>
        ))}
        {is_low === true && <Status word="paused" label="low" />}
      </td>
    </tr>
  );
}
